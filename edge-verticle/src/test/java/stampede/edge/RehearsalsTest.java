package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.edge.Rehearsals.AGAIN_BEFORE_MS_MAX;
import static stampede.edge.Rehearsals.AGAIN_BEFORE_MS_MIN;
import static stampede.edge.Rehearsals.BUSY_PER_SECOND;
import static stampede.edge.Rehearsals.SPREAD_MS_MAX;
import static stampede.edge.Rehearsals.SPREAD_MS_MIN;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.edge.Rehearsal.Part;
import stampede.protocol.Addresses;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.StockLevel;

class RehearsalsTest {
  private static final long HINT_EVERY_MS = 1_000;

  /** Of the owner's clock, which is not the edge's. */
  private static final long OWNER_AHEAD_MS = 1_700_000_000_000L;

  private final VirtualTimers timers = new VirtualTimers();
  private final FakeBus bus = new FakeBus(timers);
  private final OwnerRoutes routes = new OwnerRoutes(timers, bus, 1);
  private final Counters counters = new Counters();
  private final List<Part> played = new ArrayList<>();
  private final List<Long> playedAtMs = new ArrayList<>();
  private Runnable over = () -> {};
  private long position;
  private final Rehearsals rehearsals =
      new Rehearsals(
          timers,
          routes,
          counters,
          bound -> bound - 1,
          (part, end) -> {
            played.add(part);
            playedAtMs.add(timers.millis());
            over = end;
          });

  @BeforeEach
  void start() {
    routes.start();
    rehearsals.start();
  }

  @Test
  void theWholeOneWaitsForAnOwner() {
    timers.advance(5_000);
    assertThat(played).isEmpty();

    hint(ItemState.SCHEDULED, 3_600_000);
    timers.advance(100);

    assertThat(played).containsExactly(Part.WHOLE);
  }

  @Test
  void onceMoreBeforeAnItemOpensAndOverByThen() {
    long opensMs = untilOpening(40_000, 0);

    assertThat(played).containsExactly(Part.WHOLE, Part.AGAIN);
    long leftMs = opensMs - playedAtMs.get(1);
    assertThat(leftMs)
        .isGreaterThan(Part.AGAIN.msMax())
        .isBetween(AGAIN_BEFORE_MS_MIN - SPREAD_MS_MAX, AGAIN_BEFORE_MS_MAX - SPREAD_MS_MIN);
  }

  @Test
  void eachOpeningHasItsOwn() {
    untilOpening(40_000, 0);
    over.run();
    untilOpening(40_000, 0);

    assertThat(played).containsExactly(Part.WHOLE, Part.AGAIN, Part.AGAIN);
  }

  @Test
  void anEdgeThatIsShakenDoesNot() {
    untilOpening(40_000, BUSY_PER_SECOND * 2);

    assertThat(played).containsExactly(Part.WHOLE);
  }

  @Test
  void whoComesTooEarlyDoesNotMakeItABusyOne() {
    untilOpening(40_000, BUSY_PER_SECOND / 2);

    assertThat(played).containsExactly(Part.WHOLE, Part.AGAIN);
  }

  @Test
  void oneAtATime() {
    hint(ItemState.SCHEDULED, 11_000);
    timers.advance(100);
    timers.advance(SPREAD_MS_MAX);
    assertThat(played).as("the whole one still plays").containsExactly(Part.WHOLE);
  }

  @Test
  void notForAnItemThatHasBeenOpenOrIsPaused() {
    for (ItemState state : ItemState.values()) {
      if (state != ItemState.SCHEDULED) {
        hint(state, 11_000);
      }
    }
    timers.advance(100);
    over.run();
    timers.advance(SPREAD_MS_MAX);

    assertThat(played).containsExactly(Part.WHOLE);
  }

  @Test
  void notWhenTheEdgeStops() {
    hint(ItemState.SCHEDULED, 3_600_000);
    timers.advance(100);
    over.run();
    hint(ItemState.SCHEDULED, 11_000);
    rehearsals.stop();
    timers.advance(SPREAD_MS_MAX);

    assertThat(played).containsExactly(Part.WHOLE);
  }

  /** Hints until an item opens, and so many shakes a second; back with the time of the opening. */
  private long untilOpening(long leftMs, long shakesPerSecond) {
    long opensMs = timers.millis() + leftMs;
    for (; timers.millis() < opensMs; timers.advance(HINT_EVERY_MS)) {
      hint(ItemState.SCHEDULED, opensMs - timers.millis());
      if (played.size() == 1) {
        over.run();
      }
      for (int i = 0; i < shakesPerSecond; i++) {
        counters.shake();
      }
    }
    return opensMs;
  }

  private void hint(ItemState state, long opensInMs) {
    long nowMs = timers.millis() + OWNER_AHEAD_MS;
    Hint.Item item =
        new Hint.Item(1001, state, StockLevel.PLENTY, Limits.GATE_OPEN, 0, nowMs + opensInMs, 0);
    Hint hint =
        new Hint(0, 1, "sale-1", "owner", ++position, nowMs, true, "serving", 0, List.of(item));
    bus.publish(Addresses.HINTS, hint.encode());
  }
}
