package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.Outcome;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;

class EngineMemoryTest {
  private static final int BUYERS = 1_000_000;
  private static final long MEGABYTES_MAX = 250;
  private static final long NOW = 1_800_000_000_000L;

  @Test
  void aMillionBuyersFitInAQuarterOfAGigabyte() throws InterruptedException {
    long before = usedBytes();
    SaleEngine engine = new SaleEngine(3, 5_000_000);
    publish(engine);

    for (int i = 0; i < BUYERS; i++) {
      accept(engine, i);
    }

    long megabytes = (usedBytes() - before) >> 20;
    assertThat(megabytes).as("MB for a million buyers").isBetween(1L, MEGABYTES_MAX);
    assertEveryBuyerIsFound(engine);
  }

  private static void publish(SaleEngine engine) {
    SaleItem item =
        new SaleItem(
            9,
            1,
            "tea",
            100,
            100,
            "CNY",
            NOW - 1,
            NOW + 3_600_000,
            BUYERS,
            1,
            600_000,
            0,
            1_000_000,
            List.of());
    Warrant warrant = new Warrant("root", "", Bytes.EMPTY, true);
    engine.decide(new Publish(item, warrant), NOW).events().forEach(engine::apply);
  }

  private static void accept(SaleEngine engine, int i) {
    for (SaleEvent event : engine.decide(new Shake(9, user(i), key(i), 1), NOW + i).events()) {
      engine.apply(event);
    }
  }

  private static void assertEveryBuyerIsFound(SaleEngine engine) {
    assertThat(engine.itemAt(0).held()).isEqualTo(BUYERS);
    assertThat(engine.itemAt(0).available()).isZero();
    for (int i = 0; i < BUYERS; i += 997) {
      Shaken reply = (Shaken) engine.decide(new AskResult(9, user(i), key(i)), NOW).reply();
      assertThat(reply.outcome()).isEqualTo(Outcome.ACCEPTED);
    }
  }

  private static Bytes user(int i) {
    return Bytes.of("user-" + (1_000_000 + i));
  }

  private static Bytes key(int i) {
    return Bytes.of("k-" + (10_000_000 + i));
  }

  /** After collections have stopped finding anything. */
  private static long usedBytes() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
      used = Math.min(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return used;
  }
}
