package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.standalone.EmbeddedRedis;

class DrainRehearsalIT {
  private static final int PARTITION = 100;
  private static final int CHUNKS = 20;

  private static final String NEXT_ITEM =
      "SELECT AUTO_INCREMENT FROM information_schema.TABLES"
          + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'sale_item'";

  @TempDir Path directory;

  private EmbeddedRedis redis;
  private Database db;

  @BeforeEach
  void start() {
    redis = EmbeddedRedis.start(directory.resolve("redis"));
    db = Database.at(directory.resolve("mariadb"));
    db.reset();
  }

  @AfterEach
  void stop() {
    db.close();
    redis.stop();
  }

  @Test
  void everyChunkIsReadFromTheJournalAndUndoneInTheStoreAndNothingIsLeftInEither() {
    assertThat(undone()).isEqualTo(CHUNKS);

    assertThat(redis("KEYS", "*")).isEqualTo("[]");
    assertThat(redis("INFO", "commandstats"))
        .contains("cmdstat_xrange:calls=" + CHUNKS + ",")
        .contains("cmdstat_expire:calls=1,");
    for (String table : new String[] {"sale_item", "sale_order", "item_stock", "drain_cursor"}) {
      assertThat(db.number("SELECT COUNT(*) FROM " + table)).as(table).isZero();
    }
    assertThat(db.number(NEXT_ITEM)).as("which number the next item gets").isEqualTo(1_001);
  }

  @Test
  void withoutRedisItEnds() {
    redis.stop();

    assertThat(undone()).isZero();
  }

  private int undone() {
    MySqlOrderStore store = db.store();
    return db.<Integer>ask(
        done -> Rehearsal.playUndone(PARTITION, link(), store, CHUNKS, done::succeed));
  }

  private String redis(String command, String argument) {
    return db.<Response>ask(
            done -> link().call(Request.cmd(Command.create(command)).arg(argument), done))
        .toString();
  }

  /** Of the event loop it is made on. */
  private RedisLink link() {
    return new RedisLink(db.vertx, RedisUrl.parse("redisUrl", redis.url()));
  }
}
