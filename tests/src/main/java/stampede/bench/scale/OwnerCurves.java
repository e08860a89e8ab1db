package stampede.bench.scale;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;

/**
 * What an owner's part of a shake costs, without sockets: as more users shake in one partition, of
 * whom every tenth gets a unit, and as more units are sold in it. Shakes come in batches of {@value
 * #BATCH}, as from a busy edge.
 */
final class OwnerCurves {
  static final String SHAKE = "a shake, every tenth accepted";
  static final String ACCEPTED = "accepted";
  static final String REFUSED = "refused, sold out";
  static final int BATCH = 100;

  /** Batches made before they are decided, so that making them is not measured. */
  private static final int MADE = 200;

  private static final int USERS_A_UNIT = 10;
  private static final int REFUSED_A_SALE = 20_000;
  private static final int WARM_TIMES = 5;

  /** With fewer orders a heap says nothing of them. */
  private static final int WEIGHED_MIN = 100_000;

  private final ScaleSize size;
  private final Consumer<String> progress;

  OwnerCurves(ScaleSize size, Consumer<String> progress) {
    this.size = size;
    this.progress = progress;
  }

  Curve users() {
    Curve curve =
        new Curve("users", "A shake at its owner", "users of one partition", size.users())
            .line(SHAKE);
    warmUp();
    for (int point : curve.upAndDown()) {
      Meter meter = new Meter();
      Tally tally = new Tally();
      String weight = "";
      while (tally.shakes < size.shakesMin()) {
        weight = sellTo(curve.x(point), meter, tally);
      }
      double micros = meter.micros(tally);
      curve.add(SHAKE, point, micros);
      curve.note(point, weight);
      progress.accept("  %,d users: %.3f µs".formatted(curve.x(point), micros));
    }
    return curve;
  }

  private void warmUp() {
    Tally warm = new Tally();
    while (warm.shakes < size.shakesMin() * (long) WARM_TIMES) {
      sellTo(size.shakesMin() / USERS_A_UNIT, new Meter(), warm);
    }
  }

  /** A whole sale; what an order weighs. */
  private String sellTo(long users, Meter meter, Tally tally) {
    long before = users / USERS_A_UNIT < WEIGHED_MIN ? 0 : heapBytes();
    long units = Math.max(1, users / USERS_A_UNIT);
    OwnerInMemory owner = new OwnerInMemory(units);
    long accepted = meter.shakes(owner, "u", users, tally);
    requireAll(units, accepted);
    if (units < WEIGHED_MIN) {
      return "";
    }
    double bytes = (double) (heapBytes() - before - owner.logBytes()) / units;
    double log = (double) owner.logBytes() / units;
    return String.format(Locale.ROOT, "%.0f bytes of heap an order, %.0f of journal", bytes, log);
  }

  Curve stock() {
    Curve curve =
        new Curve("stock", "A shake at its owner", "units of one item", size.stock())
            .line(ACCEPTED)
            .line(REFUSED);
    warmUp();
    for (int point : curve.upAndDown()) {
      Meter meter = new Meter();
      Tally sold = new Tally();
      Tally refused = new Tally();
      while (sold.shakes < size.shakesMin()) {
        OwnerInMemory owner = new OwnerInMemory(curve.x(point));
        requireAll(curve.x(point), meter.shakes(owner, "w", curve.x(point), sold));
        long restMs = rest(owner);
        if (curve.x(point) >= WEIGHED_MIN) {
          curve.note(point, restMs + " ms once, when it is quiet, for a hash of the state");
        }
        if (refused.shakes < size.shakesMin()) {
          long more = Math.min(size.shakesMin(), Math.max(REFUSED_A_SALE, curve.x(point)));
          requireAll(0, meter.shakes(owner, "l", more, refused));
        }
      }
      double soldMicros = meter.micros(sold);
      double refusedMicros = meter.micros(refused);
      curve.add(ACCEPTED, point, soldMicros);
      curve.add(REFUSED, point, refusedMicros);
      progress.accept(
          "  %,d units: accepted %.3f µs, refused %.3f µs"
              .formatted(curve.x(point), soldMicros, refusedMicros));
    }
    return curve;
  }

  /** Before those who are refused: what an owner does once when it is quiet is not theirs. */
  private static long rest(OwnerInMemory owner) {
    long begin = System.nanoTime();
    owner.rest();
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private static void requireAll(long wanted, long accepted) {
    if (accepted != wanted) {
      throw new IllegalStateException(accepted + " accepted, wanted " + wanted);
    }
  }

  private static long heapBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Of one kind. */
  private static final class Tally {
    private long workNanos;
    private long shakes;
  }

  /**
   * CPU time of owners at work: their thread's, and of what other threads of this process take
   * while this one makes shakes and has them decided, which is collecting what is left of both, the
   * same part.
   */
  private static final class Meter {
    private final OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    private final long processNanos = process.getProcessCpuTime();
    private final long threadNanos = thread.getCurrentThreadCpuTime();

    /** So many users shake once each; how many were accepted. */
    long shakes(OwnerInMemory owner, String crowd, long users, Tally tally) {
      long accepted = 0;
      for (long next = 0; next < users; next += (long) MADE * BATCH) {
        List<byte[]> batches = batches(owner.epoch(), crowd, next, users);
        long begin = thread.getCurrentThreadCpuTime();
        for (byte[] batch : batches) {
          accepted += owner.shake(batch);
        }
        tally.workNanos += thread.getCurrentThreadCpuTime() - begin;
      }
      tally.shakes += users;
      return accepted;
    }

    /** A shake's. */
    double micros(Tally tally) {
      double all = process.getProcessCpuTime() - processNanos;
      double mine = thread.getCurrentThreadCpuTime() - threadNanos;
      return Math.max(1, all / mine) * tally.workNanos / 1e3 / tally.shakes;
    }
  }

  /** The next ones, at most {@value #MADE}. */
  private static List<byte[]> batches(long epoch, String crowd, long from, long to) {
    List<byte[]> batches = new ArrayList<>(MADE);
    for (long next = from; next < to && batches.size() < MADE; next += BATCH) {
      List<Command> shakes = new ArrayList<>(BATCH);
      for (long user = next; user < Math.min(to, next + BATCH); user++) {
        String id = Long.toHexString(Bytes.mix64(user)); // without order, as a shop's are
        shakes.add(
            new Command.Shake(OwnerInMemory.ITEM, Bytes.of(crowd + id), Bytes.of("k-" + id), 1));
      }
      batches.add(new CommandBatch(OwnerInMemory.PARTITION, epoch, shakes).encode());
    }
    return batches;
  }
}
