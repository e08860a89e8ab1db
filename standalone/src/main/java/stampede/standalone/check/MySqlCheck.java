package stampede.standalone.check;

import static stampede.standalone.check.CheckLine.ok;
import static stampede.standalone.check.CheckLine.red;
import static stampede.standalone.check.CheckLine.skipped;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a MySQL or MariaDB may hold the orders. */
final class MySqlCheck {
  private static final long CALL_SECONDS_MAX = 5;
  private static final long PACKET_BYTES_MIN = 4L << 20;
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
  private static final String VARIABLES =
      "SHOW VARIABLES WHERE Variable_name IN ('version', 'innodb_flush_log_at_trx_commit', 'log_bin',"
          + " 'sync_binlog', 'max_allowed_packet', 'character_set_database', 'transaction_isolation',"
          + " 'tx_isolation')";

  private final String name;
  private final List<CheckLine> lines = new ArrayList<>();

  MySqlCheck(String name) {
    this.name = name;
  }

  static List<CheckLine> run(Vertx vertx, CheckSettings settings) {
    List<CheckLine> lines = new ArrayList<>();
    if (!settings.has("mysqlUrl")) {
      String how =
          "give STAMPEDE_MYSQL_URL=mysql://user:password@host:3306/database, or --data of a running"
              + " shop";
      lines.add(skipped("mysql", how));
      lines.add(skipped("clock of mysql", how));
    } else {
      lines.addAll(new MySqlCheck("mysql").lines(vertx, settings.text("mysqlUrl")));
    }
    if (settings.has("mysqlReadUrl")) {
      lines.addAll(new MySqlCheck("mysql-read").lines(vertx, settings.text("mysqlReadUrl")));
    }
    return lines;
  }

  private List<CheckLine> lines(Vertx vertx, String url) {
    MySQLConnectOptions options;
    try {
      options = MySQLConnectOptions.fromUri(url);
    } catch (IllegalArgumentException e) {
      return List.of(
          red(
              name,
              "a url that can't be used",
              "mysql://user:password@host:3306/database",
              "mend the setting"));
    }
    String at = options.getHost() + ":" + options.getPort() + "/" + options.getDatabase();
    try {
      Map<String, String> found = new HashMap<>();
      for (Row row : query(vertx, options, VARIABLES).rows) {
        found.put(row.getString(0).toLowerCase(Locale.ROOT), row.getString(1));
      }
      version(found.getOrDefault("version", ""), at);
      variables(found);
      clock(vertx, options);
    } catch (CheckFailed e) {
      lines.add(
          red(
              name,
              "no usable answer (" + e.getMessage() + ")",
              "MySQL 8.0 or MariaDB 10.6 or newer at " + at,
              "start it, open the way to it, or mend user, password and database in the url"));
    }
    return lines;
  }

  void version(String version, String at) {
    boolean maria = version.toLowerCase(Locale.ROOT).contains("mariadb");
    Matcher parts = VERSION.matcher(version);
    int number =
        parts.matches()
            ? Integer.parseInt(parts.group(1)) * 10_000 + Integer.parseInt(parts.group(2))
            : 0;
    lines.add(
        number >= (maria ? 100_006 : 80_000)
            ? ok(name, "version " + version + " at " + at)
            : red(
                name,
                "version " + version + " at " + at,
                maria ? "MariaDB 10.6 or newer" : "MySQL 8.0 or newer",
                "upgrade the server"));
  }

  /**
   * @param found by name, as the server shows them
   */
  void variables(Map<String, String> found) {
    flush(found.getOrDefault("innodb_flush_log_at_trx_commit", "nothing"));
    binlog(found.getOrDefault("log_bin", "OFF"), found.getOrDefault("sync_binlog", "nothing"));
    packet(Long.parseLong(found.getOrDefault("max_allowed_packet", "0")));
    charset(found.getOrDefault("character_set_database", "nothing"));
    isolation(
        found.getOrDefault("transaction_isolation", found.getOrDefault("tx_isolation", "nothing")));
  }

  List<CheckLine> lines() {
    return lines;
  }

  private void flush(String found) {
    add(
        found.equals("1"),
        CheckLine.Level.RED,
        "innodb_flush_log_at_trx_commit",
        found,
        "1: drafts and audits are nowhere else until they are published",
        "SET GLOBAL innodb_flush_log_at_trx_commit = 1, and in my.cnf");
  }

  private void binlog(String logBin, String found) {
    boolean off = logBin.equalsIgnoreCase("OFF") || logBin.equals("0");
    if (off) {
      lines.add(ok(name + " sync_binlog", found + ", and no binary log is written"));
      return;
    }
    add(
        found.equals("1"),
        CheckLine.Level.WARN,
        "sync_binlog",
        found,
        "1: else a replica or a backup may lack what the server has",
        "SET GLOBAL sync_binlog = 1, and in my.cnf");
  }

  private void packet(long bytes) {
    add(
        bytes >= PACKET_BYTES_MIN,
        CheckLine.Level.RED,
        "max_allowed_packet",
        Long.toString(bytes),
        "at least " + PACKET_BYTES_MIN + ": a chunk is one statement",
        "SET GLOBAL max_allowed_packet = 16777216, and in my.cnf");
  }

  private void charset(String found) {
    add(
        found.equals("utf8mb4"),
        CheckLine.Level.WARN,
        "character_set_database",
        found,
        "utf8mb4 (the tables name theirs; others of yours may not)",
        "ALTER DATABASE … CHARACTER SET utf8mb4");
  }

  private void isolation(String found) {
    boolean good = found.equals("REPEATABLE-READ") || found.equals("READ-COMMITTED");
    add(
        good,
        found.equals("READ-UNCOMMITTED") ? CheckLine.Level.RED : CheckLine.Level.WARN,
        "transaction_isolation",
        found,
        "REPEATABLE-READ or READ-COMMITTED",
        "transaction-isolation = REPEATABLE-READ in my.cnf");
  }

  private void add(
      boolean good,
      CheckLine.Level otherwise,
      String variable,
      String found,
      String wanted,
      String fix) {
    String what = name + " " + variable;
    lines.add(good ? ok(what, found) : new CheckLine(otherwise, what, found, wanted, fix));
  }

  private void clock(Vertx vertx, MySQLConnectOptions options) throws CheckFailed {
    Answer answer =
        query(vertx, options, "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)");
    long theirMs = answer.rows.iterator().next().getLong(0);
    lines.add(ClockLine.of(name, theirMs, answer.sentMs, answer.gotMs));
  }

  /** With the time it was under way, connecting and logging in apart; epoch ms by this clock. */
  private record Answer(RowSet<Row> rows, long sentMs, long gotMs) {}

  private static Answer query(Vertx vertx, MySQLConnectOptions options, String sql)
      throws CheckFailed {
    Future<Answer> answer =
        MySQLConnection.connect(vertx, options)
            .compose(
                connection -> {
                  long sentMs = System.currentTimeMillis();
                  return connection
                      .query(sql)
                      .execute()
                      .map(rows -> new Answer(rows, sentMs, System.currentTimeMillis()))
                      .eventually(connection::close);
                })
            .timeout(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    return CheckFailed.await(answer.toCompletionStage().toCompletableFuture());
  }
}
