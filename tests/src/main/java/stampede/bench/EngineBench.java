package stampede.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import stampede.protocol.Command;
import stampede.protocol.Command.Shake;
import stampede.protocol.CommandBatch;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.SaleEvent;
import stampede.sale.engine.Decision;
import stampede.sale.engine.SaleEngine;

/** One partition's engine on one thread, with decoded commands in hand. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class EngineBench {
  static final int EVENTS_PER_ENTRY = 500;
  private static final int BATCH = Limits.BATCH_COMMANDS_MAX;

  /**
   * A sale from its first unit to its last, again and again: the mean over an engine that grows.
   * Commands are decoded just before they are decided, as an owner does, outside the time measured.
   */
  @State(Scope.Thread)
  public static class Selling {
    @Param("1000000")
    public int winners;

    private List<byte[]> batches = List.of();
    private SaleEngine engine = SaleFixture.engine(1);
    private List<Command> batch = List.of();
    private int next;

    @Setup
    public void prepare() {
      batches = SaleFixture.batches("w", winners, BATCH);
      next = batches.size();
    }

    @Setup(Level.Invocation)
    public void decode() {
      if (next >= batches.size()) {
        engine = SaleFixture.engine(winners);
        next = 0;
      }
      batch = CommandBatch.decode(batches.get(next++)).commands();
    }
  }

  /** A sale that is over, and those who come too late. */
  @State(Scope.Thread)
  public static class SoldOut {
    private static final int LOSERS_MIN = 16_384;

    @Param({"1000", "1000000"})
    public int winners;

    private SaleEngine engine = SaleFixture.engine(1);
    private List<byte[]> batches = List.of();
    private List<Command> batch = List.of();
    private int next;

    @Setup
    public void prepare() {
      engine = SaleFixture.engine(winners);
      for (Shake shake : SaleFixture.shakes(SaleFixture.ITEM, "w", winners)) {
        engine.decide(shake, SaleFixture.NOW_MS).events().forEach(engine::apply);
      }
      batches = SaleFixture.batches("l", Math.max(LOSERS_MIN, winners), BATCH);
    }

    @Setup(Level.Invocation)
    public void decode() {
      batch = CommandBatch.decode(batches.get(next)).commands();
      next = next + 1 == batches.size() ? 0 : next + 1;
    }
  }

  /** The log of a sale, as it is read from Redis. */
  @State(Scope.Thread)
  public static class Log {
    @Param("1000000")
    public int winners;

    private List<JournalEntry> entries = List.of();
    private SaleEngine engine = SaleFixture.engine(1);
    private int next;

    @Setup
    public void prepare() {
      // Whole entries only, so that one is always as much work as another.
      int events = winners / EVENTS_PER_ENTRY * EVENTS_PER_ENTRY;
      entries =
          SaleFixture.log(SaleFixture.PARTITION, SaleFixture.ITEM, events - 3, EVENTS_PER_ENTRY);
      next = entries.size();
    }
  }

  /** Announced as a batch, decided and applied, as an owner does; an operation is an order. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void accept(Selling sale, Blackhole hole) {
    SaleEngine engine = sale.engine;
    List<Command> batch = sale.batch;
    engine.expect(batch);
    for (int c = 0; c < BATCH; c++) {
      Decision decision = engine.decide(batch.get(c), SaleFixture.NOW_MS);
      List<SaleEvent> events = decision.events();
      if (events.isEmpty()) {
        throw new AssertionError("refused: " + decision);
      }
      for (int i = 0; i < events.size(); i++) {
        engine.apply(events.get(i));
      }
      hole.consume(decision);
    }
  }

  /** An operation is a shopper told {@code sold_out}. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void reject(SoldOut sale, Blackhole hole) {
    SaleEngine engine = sale.engine;
    List<Command> batch = sale.batch;
    engine.expect(batch);
    for (int c = 0; c < BATCH; c++) {
      hole.consume(engine.decide(batch.get(c), SaleFixture.NOW_MS));
    }
  }

  /** Checked, decoded, applied; an operation is an entry of {@value #EVENTS_PER_ENTRY} events. */
  @Benchmark
  public long replay(Log log) {
    if (log.next >= log.entries.size()) {
      log.engine = new SaleEngine(SaleFixture.PARTITION, SaleFixture.EVENTS_MAX);
      log.next = 0;
    }
    for (SaleEvent event : log.entries.get(log.next++).events()) {
      log.engine.apply(event);
    }
    return log.engine.position();
  }
}
