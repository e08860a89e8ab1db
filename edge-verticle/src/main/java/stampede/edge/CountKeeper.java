package stampede.edge;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * Gives what this edge counted to a persist node every {@value #EVERY_MS} ms, so that a session's
 * report can tell of it when this edge is gone. What is said counts from the edge's start: a word
 * that is lost is made good by the next. On the edge's event loop.
 */
final class CountKeeper {
  static final long EVERY_MS = 10_000;
  private static final long ANSWER_MS = 5_000;

  private final Bus bus;
  private final Timers timers;
  private final Counters counters;
  private final String node;
  private final LongSupplier epochMs;
  private final long startedAt;
  private Timers.@Nullable Timer timer;

  CountKeeper(Bus bus, Timers timers, Counters counters, String node, LongSupplier epochMs) {
    this.bus = bus;
    this.timers = timers;
    this.counters = counters;
    this.node = node;
    this.epochMs = epochMs;
    this.startedAt = epochMs.getAsLong();
  }

  void start() {
    timer = timers.after(EVERY_MS, this::next);
  }

  /** Says it a last time. */
  void stop() {
    if (timer != null) {
      timer.cancel();
      say();
    }
  }

  private void next() {
    say();
    start();
  }

  private void say() {
    JsonObject word =
        new JsonObject()
            .put("op", "edge.counts")
            .put("node", node)
            .put("startedAt", startedAt)
            .put("at", epochMs.getAsLong())
            .put("sockets", counters.sockets())
            .put("counts", counters.totals());
    bus.request(
        Addresses.PERSIST_QUERY,
        word.encode().getBytes(StandardCharsets.UTF_8),
        ANSWER_MS,
        (reply, failure) -> {}); // the next word says it all again
  }
}
