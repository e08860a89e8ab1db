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
        new Curve("users", "An owner's part of a shake", "users, one partition", size.users())
            .line(SHAKE);
    sellTo(Math.min(size.shakesMin(), curve.x(0)), new Meter()); // warms up
    for (int point : curve.upAndDown()) {
      Meter meter = new Meter();
      String weight = "";
      while (meter.shakes < size.shakesMin()) {
        weight = sellTo(curve.x(point), meter);
      }
      curve.add(SHAKE, point, meter.micros());
      curve.note(point, weight);
      progress.accept("  %,d users: %.3f µs".formatted(curve.x(point), meter.micros()));
    }
    return curve;
  }

  /** A whole sale; what an order weighs. */
  private String sellTo(long users, Meter meter) {
    long before = users / USERS_A_UNIT < WEIGHED_MIN ? 0 : heapBytes();
    long units = Math.max(1, users / USERS_A_UNIT);
    OwnerInMemory owner = new OwnerInMemory(units);
    long accepted = meter.shakes(owner, "u", 0, users);
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
        new Curve("stock", "An owner's part of a shake", "units of one item", size.stock())
            .line(ACCEPTED)
            .line(REFUSED);
    for (int point : curve.upAndDown()) {
      Meter sold = new Meter();
      Meter refused = new Meter();
      while (sold.shakes < size.shakesMin()) {
        OwnerInMemory owner = new OwnerInMemory(curve.x(point));
        requireAll(curve.x(point), sold.shakes(owner, "w", 0, curve.x(point)));
        if (refused.shakes < size.shakesMin()) {
          long more = Math.min(size.shakesMin(), Math.max(REFUSED_A_SALE, curve.x(point)));
          requireAll(0, refused.shakes(owner, "l", 0, more));
        }
      }
      curve.add(ACCEPTED, point, sold.micros());
      curve.add(REFUSED, point, refused.micros());
      progress.accept(
          "  %,d units: accepted %.3f µs, refused %.3f µs"
              .formatted(curve.x(point), sold.micros(), refused.micros()));
    }
    return curve;
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

  /**
   * CPU time of owners at work: their thread's, and all that other threads of this process took
   * meanwhile, which is collecting what is left of the shakes and of their making.
   */
  private static final class Meter {
    private final OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    private long workNanos;
    private long besideNanos;
    private long shakes;

    /** Users {@code from} to before {@code to} shake once each; how many were accepted. */
    long shakes(OwnerInMemory owner, String crowd, long from, long to) {
      long accepted = 0;
      long beside = besideNanos();
      for (long next = from; next < to; next += (long) MADE * BATCH) {
        List<byte[]> batches = batches(owner.epoch(), crowd, next, to);
        long begin = thread.getCurrentThreadCpuTime();
        for (byte[] batch : batches) {
          accepted += owner.shake(batch);
        }
        workNanos += thread.getCurrentThreadCpuTime() - begin;
      }
      besideNanos += Math.max(0, besideNanos() - beside);
      shakes += to - from;
      return accepted;
    }

    private long besideNanos() {
      return process.getProcessCpuTime() - thread.getCurrentThreadCpuTime();
    }

    double micros() {
      return (workNanos + besideNanos) / 1e3 / shakes;
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
