package stampede.standalone.check;

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
import stampede.standalone.EnvironmentFault;
import stampede.standalone.check.CheckLine.Level;

class CheckLinesTest {
  @Test
  void lineSaysFoundWantedAndFix() {
    assertThat(CheckLine.ok("java", "17").toString()).isEqualTo("ok      java: found 17");
    assertThat(CheckLine.red("redis appendonly", "no", "yes", "set\n it").toString())
        .isEqualTo("RED     redis appendonly: found no; wanted yes; fix: set it");
    assertThat(CheckLine.skipped("redis", "give a url").toString())
        .isEqualTo("skipped redis: give a url");
  }

  @Test
  void javaBefore17IsRed() {
    assertThat(MachineCheck.java(11, "11.0.2").level()).isEqualTo(Level.RED);
    assertThat(MachineCheck.java(17, "17").level()).isEqualTo(Level.OK);
  }

  @ParameterizedTest
  @CsvSource({"1024, RED", "8192, WARN", "20300, OK", "unlimited, OK"})
  void openFilesMustBeEnoughForTheSockets(String soft, Level level) {
    String limits =
        "Max processes 1 1 x\nMax open files            " + soft + "   1048576   files\n";

    assertThat(MachineCheck.openFiles(limits, 20_300).level()).isEqualTo(level);
  }

  @ParameterizedTest
  @CsvSource({"0, OK", "200, OK", "-1500, WARN", "2000, WARN", "5000, RED", "-60000, RED"})
  void clockIsJudgedByWhatIsCertain(long offsetMs, Level level) {
    assertThat(ClockLine.of("redis", 1_000_010 + offsetMs, 1_000_000, 1_000_020).level())
        .isEqualTo(level);
  }

  @Test
  void slowAnswerIsNoWrongClock() {
    assertThat(ClockLine.of("redis", 1_004_000, 1_000_000, 1_004_000).level()).isEqualTo(Level.OK);
  }

  @ParameterizedTest
  @CsvSource({
    "8.0.36, OK",
    "9.1.0, OK",
    "5.7.44-log, RED",
    "10.11.6-MariaDB-0+deb12u1, OK",
    "10.6.0-MariaDB, OK",
    "10.5.9-MariaDB, RED",
    "11.4.5-MariaDB, OK",
    "no version, RED"
  })
  void versionsAreThoseSupported(String version, Level level) {
    MySqlCheck check = new MySqlCheck("mysql");
    check.version(version, "host");

    assertThat(check.lines().get(0).level()).isEqualTo(level);
  }

  @Test
  void durabilityAndLimitsOfMySqlAreJudgedOneByOne() {
    MySqlCheck good = new MySqlCheck("mysql");
    good.variables(
        Map.of(
            "innodb_flush_log_at_trx_commit", "1",
            "log_bin", "ON",
            "sync_binlog", "1",
            "max_allowed_packet", "16777216",
            "character_set_database", "utf8mb4",
            "transaction_isolation", "REPEATABLE-READ"));
    MySqlCheck bad = new MySqlCheck("mysql");
    bad.variables(
        Map.of(
            "innodb_flush_log_at_trx_commit", "2",
            "log_bin", "ON",
            "sync_binlog", "0",
            "max_allowed_packet", "1048576",
            "character_set_database", "latin1",
            "tx_isolation", "READ-UNCOMMITTED"));

    assertThat(levels(good)).containsOnly(Level.OK).hasSize(5);
    assertThat(levels(bad))
        .containsExactly(Level.RED, Level.WARN, Level.RED, Level.WARN, Level.RED);
  }

  @Test
  void environmentIsStrongerThanTheFile(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("a.conf"), "httpPort = 9000\nnode = n\n");
    CheckSettings settings = new CheckSettings(Map.of("STAMPEDE_HTTP_PORT", "9001"), file);

    assertThat(settings.number("httpPort", 1, 65_535)).isEqualTo(9001);
    assertThat(settings.text("node")).isEqualTo("n");
    assertThat(settings.has("redisUrl")).isFalse();
    assertThatThrownBy(
            () ->
                new CheckSettings(Map.of("STAMPEDE_HTTP_PORT", "x"), null)
                    .number("httpPort", 1, 65_535))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining("STAMPEDE_HTTP_PORT");
    assertThatThrownBy(() -> new CheckSettings(Map.of(), directory.resolve("none.conf")))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining("none.conf");
  }

  private static List<Level> levels(MySqlCheck check) {
    return check.lines().stream().map(CheckLine::level).toList();
  }
}
