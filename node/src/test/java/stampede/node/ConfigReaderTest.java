package stampede.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.InvalidField;

class ConfigReaderTest {
  private static final String DEFAULTS = "config-reader-test.conf";

  record Shop(
      String name,
      int httpPort,
      long leaseMs,
      double share,
      boolean open,
      List<String> hosts,
      String redisUrl,
      String tokenSecret) {
    Shop {
      if (httpPort > 65_535) {
        throw new InvalidField("httpPort", "must be at most 65535, is " + httpPort);
      }
    }
  }

  @TempDir Path dir;

  private Path file(String text) throws IOException {
    return Files.writeString(dir.resolve("shop.conf"), text);
  }

  private static Shop read(Path file, Map<String, String> environment, Map<String, String> props) {
    return new ConfigReader(environment, props).read(Shop.class, DEFAULTS, file);
  }

  private static Shop read(Path file) {
    return read(file, Map.of(), Map.of());
  }

  @Test
  void propertyIsStrongerThanEnvironmentThanFileThanDefaults() throws IOException {
    Path file = file("httpPort = 2, leaseMs = 2, name = two");
    Map<String, String> environment =
        Map.of("STAMPEDE_HTTP_PORT", "3", "STAMPEDE_LEASE_MS", "3", "STAMPEDE_SHARE", "0.25");

    Shop shop = read(file, environment, Map.of("stampede.httpPort", "4"));

    assertThat(shop.httpPort()).isEqualTo(4);
    assertThat(shop.leaseMs()).isEqualTo(3);
    assertThat(shop.share()).isEqualTo(0.25);
    assertThat(shop.name()).isEqualTo("two");
    assertThat(shop.open()).isTrue();
  }

  @Test
  void defaultsAloneWillDo() {
    Shop shop = new ConfigReader(Map.of(), Map.of()).read(Shop.class, DEFAULTS, null);

    assertThat(shop.httpPort()).isEqualTo(8080);
    assertThat(shop.hosts()).containsExactly("a", "b");
  }

  @Test
  void unknownKeyIsRefusedWithTheNearestName() throws IOException {
    Path file = file("httpprot = 1");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("\"httpprot\"")
        .hasMessageContaining("did you mean \"httpPort\"");
  }

  @ParameterizedTest
  @CsvSource({
    "httpPort = eighty, httpPort, eighty, whole number",
    "httpPort = 99999999999, httpPort, 99999999999, whole number",
    "httpPort = 1.5, httpPort, 1.5, whole number",
    "leaseMs = 0.5, leaseMs, 0.5, whole number",
    "leaseMs = {a: 1}, leaseMs, a=1, whole number",
    "share = half, share, half, number",
    "open = perhaps, open, perhaps, true or false",
    "hosts = a, hosts, a, list",
  })
  void wrongTypeNamesSettingFoundAndWanted(String line, String key, String found, String wanted)
      throws IOException {
    Path file = file(line);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("\"" + key + "\"")
        .hasMessageContaining(found)
        .hasMessageContaining("must be a " + wanted.replace("true or false", "").trim())
        .hasMessageContaining(wanted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"eighty", "1.5", "", " "})
  void wrongOverrideIsRefusedToo(String value) {
    Map<String, String> environment = Map.of("STAMPEDE_HTTP_PORT", value);

    assertThatThrownBy(() -> read(null, environment, Map.of()))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("setting \"httpPort\" is \"" + value + "\"");
  }

  @Test
  void missingFileIsNamed() {
    Path missing = dir.resolve("nowhere.conf");

    assertThatThrownBy(() -> read(missing))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining(missing.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"httpPort = [1", "name = ${nobody}", "httpPort = \"1"})
  void fileThatIsNoHoconIsNamed(String text) throws IOException {
    Path file = file(text);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("shop.conf");
  }

  @Test
  void nothingSetIsMissingByName() throws IOException {
    Path file = file("name = null");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("\"name\" is missing")
        .hasMessageContaining("STAMPEDE_NAME");
  }

  @Test
  void listsComeFromFileAndFromCommas() throws IOException {
    assertThat(read(file("hosts = [x, y]")).hosts()).containsExactly("x", "y");
    assertThat(read(null, Map.of("STAMPEDE_HOSTS", " x , y "), Map.of()).hosts())
        .containsExactly("x", "y");
    assertThat(read(null, Map.of("STAMPEDE_HOSTS", ""), Map.of()).hosts()).isEmpty();
  }

  @Test
  void refusalOfTheRecordNamesSettingAndEnvironment() throws IOException {
    Path file = file("httpPort = 70000");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("httpPort must be at most 65535, is 70000")
        .hasMessageContaining("setting \"httpPort\"")
        .hasMessageContaining("STAMPEDE_HTTP_PORT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://:hunter2@h:1/0",
        "redis://me:hunter2@h:1",
        "redis://:hun@ter2@h:1",
        "redis://:hun/ter2@h:1",
        "mysql://me:hun:ter2@h/db",
        "mysql://h/db?user=me&password=hunter2",
      })
  void passwordsInsideUrlsAreMasked(String url) {
    Shop shop = read(null, Map.of("STAMPEDE_REDIS_URL", url), Map.of());

    assertThat(ConfigReader.describe(shop))
        .contains("redisUrl = " + url.substring(0, url.indexOf("://")))
        .contains("****")
        .doesNotContain("hunter2", "ter2", "hun");
  }

  @Test
  void urlsOfAListAreMaskedOneByOne() {
    Shop shop = read(null, Map.of("STAMPEDE_HOSTS", "redis://:one@h:1,redis://:two@g:2"), Map.of());

    assertThat(ConfigReader.describe(shop))
        .contains("redis://:****@h:1", "redis://:****@g:2")
        .doesNotContain("one", "two");
  }

  @Test
  void secretsAreMaskedAndTheirAbsenceIsSaid() {
    Shop shop = read(null, Map.of("STAMPEDE_TOKEN_SECRET", "hunter2"), Map.of());

    assertThat(ConfigReader.describe(shop)).contains("tokenSecret = ****").doesNotContain("hunter");
    assertThat(ConfigReader.describe(read(null, Map.of(), Map.of())))
        .contains("tokenSecret = (not set)")
        .contains("httpPort = 8080");
  }

  @Test
  void secretIsNotRepeatedInAFault() throws IOException {
    Path file = file("tokenSecret = [hunter2]");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("tokenSecret")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void plainUrlsStayReadable() {
    Shop shop = read(null, Map.of("STAMPEDE_REDIS_URL", "redis://127.0.0.1:6379/0"), Map.of());

    assertThat(ConfigReader.describe(shop)).contains("redisUrl = redis://127.0.0.1:6379/0\n");
  }

  @ParameterizedTest
  @CsvSource({"httpPort, STAMPEDE_HTTP_PORT", "node, STAMPEDE_NODE", "leaseMs, STAMPEDE_LEASE_MS"})
  void environmentNamesAreSnakeCase(String key, String expected) {
    assertThat(ConfigReader.environmentName(key)).isEqualTo(expected);
  }

  record Grouped(int httpPort, Rates rates) {}

  record Rates(int perSecond, int burst) {
    Rates {
      if (burst < 1) {
        throw new InvalidField("burst", "must be at least 1");
      }
    }
  }

  private static Grouped grouped(Path file, Map<String, String> environment) {
    Map<String, String> properties = Map.of("stampede.rates.burst", "9");
    return new ConfigReader(environment, properties)
        .read(Grouped.class, "config-reader-group.conf", file);
  }

  @Test
  void aRecordInARecordIsAGroupOfKeys() throws IOException {
    Path file = file("rates { burst = 3, perSecond = 3 }");

    Grouped grouped = grouped(file, Map.of("STAMPEDE_RATES_PER_SECOND", "4"));

    assertThat(grouped).isEqualTo(new Grouped(8080, new Rates(4, 9)));
    assertThat(ConfigReader.describe(grouped))
        .isEqualTo("httpPort = 8080\nrates.perSecond = 4\nrates.burst = 9\n");
  }

  @Test
  void whatIsWrongInAGroupIsNamedWithIt() throws IOException {
    assertThatThrownBy(() -> grouped(file("rates { bursts = 1 }"), Map.of()))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("\"rates.bursts\"")
        .hasMessageContaining("\"rates.burst\"");
    assertThatThrownBy(
            () ->
                new ConfigReader(Map.of(), Map.of())
                    .read(Grouped.class, "config-reader-group.conf", file("rates { burst = 0 }")))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("rates.burst")
        .hasMessageContaining("STAMPEDE_RATES_BURST");
    assertThatThrownBy(() -> grouped(file("rates = 3"), Map.of()))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("rates");
  }
}
