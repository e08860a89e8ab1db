package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaIT {
  private static Database db;

  @BeforeAll
  static void start(@TempDir Path directory) {
    db = new Database(directory);
  }

  @AfterAll
  static void stop() {
    if (db != null) {
      db.close();
    }
  }

  @BeforeEach
  void freshTables() {
    db.reset();
  }

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
