package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
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
  private static final int ORDERS = 100_000;
  private static final long MEGABYTES_MAX = 250;
  private static final long BYTES_AN_ORDER_MAX = 700;
  private static final long NOW = 1_800_000_000_000L;

  @Test
  void aMillionBuyersFitInAQuarterOfAGigabyte() throws InterruptedException {
    long before = usedBytes();
    SaleEngine engine = new SaleEngine(3, 5_000_000);
    publish(engine, BUYERS);

    for (int i = 0; i < BUYERS; i++) {
      accept(engine, new Shake(9, user(i), key(i), 1), NOW + i);
    }

    long megabytes = (usedBytes() - before) >> 20;
    assertThat(megabytes).as("MB for a million buyers").isBetween(1L, MEGABYTES_MAX);
    assertEveryBuyerIsFound(engine);
  }

  @Test
  void anOrderAllocatesLittleMoreThanStaysAndIsSaid() {
    SaleEngine engine = new SaleEngine(3, 5_000_000);
    publish(engine, ORDERS);
    List<Shake> shakes = shakes(0, ORDERS);

    long before = allocatedBytes();
    for (Shake shake : shakes) {
      accept(engine, shake, NOW);
    }
    long bytes = allocatedBytes() - before;

    assertThat(bytes / ORDERS).as("bytes an order").isBetween(100L, BYTES_AN_ORDER_MAX);
  }

  @Test
  void aCrowdThatComesTooLateAllocatesNothing() {
    SaleEngine engine = new SaleEngine(3, 5_000_000);
    publish(engine, 1);
    accept(engine, new Shake(9, user(0), key(0), 1), NOW);
    List<Shake> shakes = shakes(1, ORDERS);
    assertThat(engine.decide(shakes.get(0), NOW).reply())
        .isInstanceOfSatisfying(
            Shaken.class, reply -> assertThat(reply.outcome()).isEqualTo(Outcome.SOLD_OUT));

    long before = allocatedBytes();
    for (Shake shake : shakes) {
      engine.decide(shake, NOW);
    }
    long bytes = allocatedBytes() - before;

    assertThat(bytes / ORDERS).as("bytes a refused shake").isZero();
  }

  private static List<Shake> shakes(int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(i -> new Shake(9, user(i), key(i), 1))
        .toList();
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private static void publish(SaleEngine engine, int stock) {
    SaleItem item = Goods.item(9, 1, NOW - 1, NOW + 3_600_000, stock, 1, 600_000);
    Warrant warrant = new Warrant("root", "", Bytes.EMPTY, true);
    engine.decide(new Publish(item, warrant), NOW).events().forEach(engine::apply);
  }

  private static void accept(SaleEngine engine, Shake shake, long now) {
    for (SaleEvent event : engine.decide(shake, now).events()) {
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
