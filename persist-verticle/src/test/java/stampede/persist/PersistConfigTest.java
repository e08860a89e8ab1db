package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import stampede.node.ConfigFault;
import stampede.node.ConfigReader;

class PersistConfigTest {
  private static final Map<String, String> GIVEN =
      Map.of(
          "STAMPEDE_REDIS_URL", "redis://:redis-word@127.0.0.1:6379",
          "STAMPEDE_MYSQL_URL", "mysql://stampede:mysql-word@127.0.0.1:3306/stampede");

  @Test
  void defaultsNeedOnlyTheTwoUrls() {
    PersistConfig config = read(GIVEN);

    assertThat(config.partitions()).isEqualTo(16);
    assertThat(config.mysqlReadUrl()).isEmpty();
    assertThat(config.lockWaitSeconds() * 1_000).isLessThan(config.statementTimeoutMs());
    assertThat(ConfigReader.describe(config)).doesNotContain("redis-word", "mysql-word");
  }

  @Test
  void everyBadSettingIsNamed() {
    assertThatThrownBy(() -> read(Map.of()))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("redisUrl must be set");
    Map<String, String> bad =
        Map.of(
            "mysqlUrl", "postgres://u:p@h/d",
            "mysqlReadUrl", "h:3306",
            "partitions", "0",
            "poolSize", "65",
            "statementTimeoutMs", "10",
            "journalTimeoutMs", "0");
    bad.forEach(
        (setting, value) ->
            assertThatThrownBy(
                    () ->
                        new ConfigReader(GIVEN, Map.of("stampede." + setting, value))
                            .read(PersistConfig.class, PersistNode.DEFAULTS, null))
                .isInstanceOf(ConfigFault.class)
                .hasMessageStartingWith(setting + " must be"));
  }

  private static PersistConfig read(Map<String, String> environment) {
    return new ConfigReader(environment, Map.of())
        .read(PersistConfig.class, PersistNode.DEFAULTS, null);
  }
}
