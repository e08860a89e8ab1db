package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Addresses;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.StockLevel;

class ItemBoardTest {
  private static final long ITEM = 1001;

  private final VirtualTimers timers = new VirtualTimers();
  private final FakeBus bus = new FakeBus(timers);
  private final OwnerRoutes routes = new OwnerRoutes(timers, bus, 1);
  private final ItemBoard board = new ItemBoard(timers, routes);
  private final List<String> seen = new ArrayList<>();
  private long position;

  @BeforeEach
  void start() {
    routes.start();
  }

  @Test
  void tellsTheLatestOnlyAndAtMostEveryTwoHundredMilliseconds() {
    ItemBoard.Watcher watcher = watcher();
    board.watch(watcher, List.of(ITEM));
    long toldMs = 0;
    int told = 0;
    for (int i = 0; i < 2_000; i += 10) {
      hint(i % 20 == 0 ? StockLevel.LOW : StockLevel.PLENTY);
      timers.advance(10);
      if (seen.size() > told) {
        assertThat(seen.size()).isEqualTo(told + 1);
        assertThat(timers.millis() - toldMs).isGreaterThanOrEqualTo(ItemBoard.EVERY_MS);
        toldMs = timers.millis();
        told = seen.size();
      }
    }

    assertThat(told).isBetween(9, 11);
    hint(StockLevel.NONE);
    timers.advance(ItemBoard.EVERY_MS);
    assertThat(seen.get(seen.size() - 1)).isEqualTo("none");
  }

  @Test
  void aLargeAudienceIsToldInPortionsEachOnceAndNobodyWhoLeft() {
    List<ItemBoard.Watcher> all = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      all.add(watcher());
      board.watch(all.get(i), List.of(ITEM));
    }
    board.forget(all.get(0), List.of(ITEM));
    hint(StockLevel.PLENTY);
    timers.advance(1);
    assertThat(seen).hasSize(1_000);

    timers.advance(ItemBoard.EVERY_MS);

    assertThat(seen).hasSize(2_499);
  }

  @Test
  void sayingTheSameAgainIsNoNews() {
    hint(StockLevel.LOW);
    board.watch(watcher(), List.of(ITEM));
    assertThat(seen).containsExactly("low");
    for (int i = 0; i < 5; i++) {
      hint(StockLevel.LOW);
      timers.advance(1_000);
    }

    assertThat(seen).containsExactly("low");
  }

  private ItemBoard.Watcher watcher() {
    return new ItemBoard.Watcher() {
      @Override
      public void show(long item, String frame) {
        seen.add(new JsonObject(frame).getString("level"));
      }
    };
  }

  private void hint(StockLevel level) {
    Hint.Item item = new Hint.Item(ITEM, ItemState.OPEN, level, Limits.GATE_OPEN, 0, 1, 0);
    Hint hint = new Hint(0, 1, "n", "sale.n", ++position, position, true, "ok", 0, List.of(item));
    bus.publish(Addresses.HINTS, hint.encode());
  }
}
