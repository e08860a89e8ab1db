package stampede.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.node.redis.RedisUrl;
import stampede.protocol.InvalidField;

class RedisUrlTest {
  @ParameterizedTest
  @CsvSource({
    "redis://127.0.0.1:7000, redis://127.0.0.1:7000",
    "redis://cache, redis://cache:6379",
    "redis://:hush@cache:1, redis://cache:1",
    "redis://me:hush@cache/3, redis://cache:6379/3",
    "rediss://me:hu%25sh@cache:1/0, rediss://cache:1/0"
  })
  void isShownWithoutCredentials(String url, String shown) {
    assertThat(RedisUrl.parse("STAMPEDE_REDIS_URL", url)).hasToString(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "cache:6379",
        "http://me:hush@cache",
        "redis://me:hush@",
        "redis://me:hush@cache:0",
        "redis://me:hush@cache:70000",
        "redis://me:hu%sh@cache",
        "redis://me:hush@cache/database",
        "redis://me:hush@cache/1?x=hush",
      })
  void errorNamesTheSettingAndNotThePassword(String url) {
    assertThatThrownBy(() -> RedisUrl.parse("STAMPEDE_REDIS_URL", url))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("STAMPEDE_REDIS_URL must be redis://")
        .hasMessageNotContaining("hush")
        .hasMessageNotContaining("hu%sh")
        .hasNoCause();
  }
}
