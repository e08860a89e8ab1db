package stampede.persist;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;
import stampede.node.Finding;
import stampede.node.LoopVitals;
import stampede.node.Vitals;
import stampede.node.redis.RedisLink;
import stampede.persist.drain.DrainLoop;
import stampede.protocol.DrainStatus;

/**
 * The figures and the health of a persist node. On the verticle's event loop.
 *
 * <p>Ready while the journal answers. MySQL away is told in the same answer and does not make the
 * node un-ready: it waits as it should, sales go on, and no other node could drain instead.
 */
final class PersistVitals {
  private static final long BEAT_MS = 1_000;
  private static final long SILENT_NANOS = 5_000_000_000L;
  private static final double[] SECONDS_BOUNDS = {
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 120
  };

  private final Vitals vitals;
  private @Nullable LoopVitals loop;
  private @Nullable Vertx vertx;
  private DoubleConsumer ages = value -> {};
  private long beat = -1;
  private long events;
  private long rows;
  private long chunks;
  private final Answers journal = new Answers();
  private final Answers mySql = new Answers();

  /** When a store last answered, and what it last failed with. */
  private static final class Answers {
    private long atNanos = System.nanoTime() - 2 * SILENT_NANOS;
    private String problem = "no answer so far";
    private boolean asked;

    private void heard(@Nullable Throwable failure) {
      asked = false;
      if (failure == null) {
        atNanos = System.nanoTime();
      } else {
        problem = String.valueOf(failure.getMessage());
      }
    }

    private Finding finding() {
      boolean fresh = System.nanoTime() - atNanos < SILENT_NANOS;
      return fresh ? Finding.up(new JsonObject()) : Finding.down(problem);
    }
  }

  PersistVitals(Vitals vitals) {
    this.vitals = vitals;
  }

  Vitals ofProcess() {
    return vitals;
  }

  void start(
      Vertx vertx, Context context, List<DrainLoop> drains, RedisLink redis, MySqlLink database) {
    LoopVitals loop = vitals.on(context, "persist");
    this.loop = loop;
    this.vertx = vertx;
    ask(redis, database);
    beat = vertx.setPeriodic(BEAT_MS, timer -> ask(redis, database));
    loop.check("redis", journal::finding);
    loop.check("mysql", this::database);
    ages =
        loop.seconds(
            "stampede_drain_age_seconds",
            "Age of a chunk's oldest event when the chunk is in MySQL",
            SECONDS_BOUNDS);
    loop.counter("stampede_drained_events_total", "Events drained by this node", () -> events);
    loop.counter(
        "stampede_drained_rows_total", "Rows written, without stock and cursor", () -> rows);
    loop.counter("stampede_drained_chunks_total", "Transactions committed", () -> chunks);
    loop.gauge("stampede_mysql_up", "1 if MySQL answers", () -> mySql.finding().ok() ? 1 : 0);
    drains.forEach(drain -> show(loop, drain));
  }

  private static void show(LoopVitals loop, DrainLoop drain) {
    String partition = Integer.toString(drain.status().partition());
    loop.gauge(
        "stampede_drain_lag_seconds",
        "Age of the oldest event that was read and is not in MySQL",
        () -> drain.status().lagMs() / 1_000.0,
        "partition",
        partition);
    loop.gauge(
        "stampede_drain_position",
        "Position up to which MySQL has everything",
        () -> drain.status().position(),
        "partition",
        partition);
    for (DrainStatus.Mode mode : DrainStatus.Mode.values()) {
      loop.gauge(
          "stampede_drain_status",
          "1 for what the drain does",
          () -> drain.status().mode() == mode ? 1 : 0,
          "partition",
          partition,
          "status",
          mode.text());
    }
  }

  void stop() {
    if (loop != null && vertx != null) {
      vertx.cancelTimer(beat);
      vitals.leave(loop);
    }
  }

  void drained(int events, int rows, long oldestMs) {
    this.events += events;
    this.rows += rows;
    chunks++;
    ages.accept(oldestMs / 1_000.0);
  }

  /** Each store at most once at a time: a slow one is not asked more. */
  private void ask(RedisLink redis, MySqlLink database) {
    if (!journal.asked) {
      journal.asked = true;
      redis.call(Request.cmd(Command.PING), (pong, failure) -> journal.heard(failure));
    }
    if (!mySql.asked) {
      mySql.asked = true;
      database
          .with(connection -> database.run(connection, "SELECT 1"))
          .onComplete(answer -> mySql.heard(answer.cause()));
    }
  }

  private Finding database() {
    Finding found = mySql.finding();
    return found.ok()
        ? found
        : Finding.up(found.data().copy().put("away", true).put("drains", "wait"));
  }
}
