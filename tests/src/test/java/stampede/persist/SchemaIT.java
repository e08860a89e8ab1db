package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SchemaIT {
  @TempDir static Path directory;
  @RegisterExtension static final Database db = new Database(() -> directory);

  @Test
  void appliedTwiceChangesNothing() {
    db.run("INSERT INTO drain_cursor VALUES (1, 2, 3, 2, 4)");

    Database.await(Schema.apply(db.vertx, db.url()));

    assertThat(db.number("SELECT position FROM drain_cursor")).isEqualTo(2);
    assertThat(db.number("SELECT COUNT(*) FROM schema_version")).isEqualTo(Schema.SCRIPTS.size());
  }

  @Test
  void startThatWasCutShortIsCompleted() {
    db.run("DELETE FROM schema_version");
    db.run("DROP TABLE admin_audit");

    Database.await(Schema.apply(db.vertx, db.url()));

    assertThat(db.number("SELECT COUNT(*) FROM admin_audit")).isZero();
    assertThat(db.number("SELECT MAX(version) FROM schema_version"))
        .isEqualTo(Schema.SCRIPTS.size());
  }

  @Test
  void tablesOfTheFirstVersionAreChangedWithWhatIsInThem() {
    for (String table : List.of("sale_session", "sale_item", "sale_calendar")) {
      db.run("DROP TABLE " + table);
    }
    db.run("DELETE FROM schema_version");
    db.run(firstVersion("sale_session"));
    db.run(firstVersion("sale_item"));
    db.run(
        "INSERT INTO sale_session (title, opens_at, closes_at, zone, created_by, created_at)"
            + " VALUES ('old', 1, 2, 'UTC', 'ann', 3)");

    Database.await(Schema.apply(db.vertx, db.url()));

    Row old = db.row("SELECT title, label, limit_per_session, claim_within_ms FROM sale_session");
    assertThat(old.getString(0)).isEqualTo("old");
    assertThat(old.getString(1)).isEqualTo("single");
    assertThat(old.getInteger(2)).isZero();
    assertThat(old.getLong(3)).isZero();
    assertThat(db.number("SELECT COUNT(*) FROM sale_calendar")).isEqualTo(1);
  }

  @Test
  void whatTheShopIsToldOfGrowsWithoutLosingAMessage() {
    db.run(
        "ALTER TABLE webhook_outbox MODIFY COLUMN kind ENUM ('accepted', 'paid', 'released',"
            + " 'late_payment', 'extra_payment', 'sold_out') NOT NULL");
    db.run(
        "INSERT INTO webhook_outbox (partition_id, line, kind, subject_id, at)"
            + " VALUES (1, 2, 'sold_out', 3, 4)");
    db.run("DELETE FROM schema_version WHERE version >= 4");

    Database.await(Schema.apply(db.vertx, db.url()));
    db.run(
        "INSERT INTO webhook_outbox (partition_id, line, kind, subject_id, at)"
            + " VALUES (1, 4, 'claimed', 3, 4)");

    assertThat(db.row("SELECT CAST(kind AS CHAR) FROM webhook_outbox WHERE line = 2").getString(0))
        .isEqualTo("sold_out");
    assertThat(db.row("SELECT CAST(kind AS CHAR) FROM webhook_outbox WHERE line = 4").getString(0))
        .isEqualTo("claimed");
  }

  private static String firstVersion(String table) {
    try (InputStream in = Schema.class.getResourceAsStream("/schema/V001__sale.sql")) {
      String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return SchemaScript.statements(script).stream()
          .filter(statement -> statement.contains("EXISTS " + table + " "))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nodesThatStartAtOnceDoNotDisturbOneAnother() {
    for (String table : List.of("schema_version", "sale_order", "item_stock")) {
      db.run("DROP TABLE " + table);
    }

    Database.await(
        Future.all(
            Schema.apply(db.vertx, db.url()),
            Schema.apply(db.vertx, db.url()),
            Schema.apply(db.vertx, db.url())));

    assertThat(db.number("SELECT COUNT(*) FROM schema_version")).isEqualTo(Schema.SCRIPTS.size());
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isZero();
  }

  @Test
  void databaseOfALaterVersionIsRefused() {
    db.run("INSERT INTO schema_version VALUES (99, 'V099__later.sql', 1)");

    assertThatThrownBy(() -> Database.await(Schema.apply(db.vertx, db.url())))
        .isInstanceOf(Schema.TooNew.class)
        .hasMessageContaining("schema version 99")
        .hasMessageContaining("knows up to " + Schema.SCRIPTS.size());
    assertThat(db.number("SELECT IS_FREE_LOCK('stampede.schema.stampede')")).isEqualTo(1);
  }

  @Test
  void everyTableIsInnoDbInUtf8() {
    for (Row row :
        db.run(
            "SELECT TABLE_NAME, ENGINE, TABLE_COLLATION FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = DATABASE()")) {
      assertThat(row.getString(1)).as(row.getString(0)).isEqualTo("InnoDB");
      assertThat(row.getString(2)).as(row.getString(0)).isEqualTo("utf8mb4_bin");
    }
  }
}
