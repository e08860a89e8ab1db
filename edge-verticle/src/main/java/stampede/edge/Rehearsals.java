package stampede.edge;

import java.util.function.BiConsumer;
import java.util.function.IntUnaryOperator;
import stampede.protocol.ItemState;
import stampede.protocol.port.Timers;

/**
 * When an edge rehearses: once it knows an owner, because nothing of it has run yet, and again some
 * seconds before items open, because compiled code that had not seen a crowd connect was thrown
 * away when it did. On the edge's event loop.
 */
final class Rehearsals {
  /** Before an opening: late enough for the crowd to be there, and over by then in any case. */
  static final long AGAIN_BEFORE_MS_MAX = 12_000;

  static final long AGAIN_BEFORE_MS_MIN = 9_500;

  /** Not all edges at the same moment. */
  static final int SPREAD_MS_MIN = 500;

  static final int SPREAD_MS_MAX = 2_500;

  /** With more shakes a second than that the edge is warm, and has other things to do. */
  static final long BUSY_PER_SECOND = 200;

  private static final long LOOK_EVERY_MS = 20;
  private static final int LOOKS_MAX = 3_000;

  private final Timers timers;
  private final OwnerRoutes routes;
  private final Counters counters;
  private final IntUnaryOperator random;
  private final BiConsumer<Rehearsal.Part, Runnable> stage;
  private long opensAt;
  private boolean playing;
  private boolean stopped;

  /**
   * @param random at least 0, less than its argument
   * @param stage plays, and runs the other when it is over
   */
  Rehearsals(
      Timers timers,
      OwnerRoutes routes,
      Counters counters,
      IntUnaryOperator random,
      BiConsumer<Rehearsal.Part, Runnable> stage) {
    this.timers = timers;
    this.routes = routes;
    this.counters = counters;
    this.random = random;
    this.stage = stage;
  }

  void start() {
    routes.onItem(this::hear);
    awaitOwner(LOOKS_MAX);
  }

  void stop() {
    stopped = true;
  }

  private void awaitOwner(int looks) {
    if (routes.reachable(0)) {
      play(Rehearsal.Part.WHOLE);
    } else if (looks > 0 && !stopped) {
      timers.after(LOOK_EVERY_MS, () -> awaitOwner(looks - 1));
    }
  }

  private void hear(OwnerRoutes.ItemHint hint) {
    long leftMs = hint.item().opensAt() - hint.asOf();
    if (hint.item().state() == ItemState.SCHEDULED
        && hint.item().opensAt() != opensAt
        && leftMs >= AGAIN_BEFORE_MS_MIN
        && leftMs <= AGAIN_BEFORE_MS_MAX) {
      opensAt = hint.item().opensAt();
      long before = counters.shakes();
      int waitsMs = SPREAD_MS_MIN + random.applyAsInt(SPREAD_MS_MAX - SPREAD_MS_MIN);
      timers.after(
          waitsMs,
          () -> {
            if ((counters.shakes() - before) * 1_000 <= BUSY_PER_SECOND * waitsMs) {
              play(Rehearsal.Part.AGAIN);
            }
          });
    }
  }

  private void play(Rehearsal.Part part) {
    if (!playing && !stopped) {
      playing = true;
      stage.accept(part, () -> playing = false);
    }
  }
}
