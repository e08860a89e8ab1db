package stampede.bench.scale;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import stampede.bench.ProcessMeter;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;

/**
 * Owners without sockets in a process of its own, whose heap is there from the start as a sale
 * node's should be. Lines in: {@code users N}, answered with microseconds a shake and what an order
 * weighs; {@code stock N}, with those of an accepted and of a refused one.
 *
 * <p>Shakes come in batches of {@value #BATCH}, as from a busy edge. {@value #MADE} of them are
 * made before they are decided, so that making them is not measured; of small sales for many owners
 * at once, so that what is decided has gone through the cache as far in a small sale as in a large
 * one.
 */
final class OwnerProcess implements AutoCloseable {
  private static final int BATCH = 100;
  private static final int MADE = 200;
  private static final int USERS_A_UNIT = 10;
  private static final int REFUSED_A_SALE = 20_000;
  private static final int WARM_TIMES = 5;

  /** With fewer orders a heap says nothing of them. */
  private static final int WEIGHED_MIN = 100_000;

  private final Child child;

  /**
   * @param shakesMin decided for one answer
   */
  OwnerProcess(List<String> jvm, int shakesMin) {
    List<String> flags = CurveServer.flags(jvm);
    child = Child.start(OwnerProcess.class, flags, Integer.toString(shakesMin));
  }

  /**
   * @param weight of an order, in words; empty = there are too few to tell
   */
  record Shared(double micros, String weight) {}

  /** So many users shake in one partition, every tenth gets a unit. */
  Shared users(long users) {
    String[] said = child.ask("users " + users).split(" ", 2);
    return new Shared(Double.parseDouble(said[0]), said[1]);
  }

  record Sold(double acceptedMicros, double refusedMicros) {}

  /** So many users get all there is, others come too late. */
  Sold stock(long units) {
    String[] said = child.ask("stock " + units).split(" ");
    return new Sold(Double.parseDouble(said[0]), Double.parseDouble(said[1]));
  }

  @Override
  public void close() {
    child.close();
  }

  public static void main(String[] args) throws IOException {
    int shakesMin = Integer.parseInt(args[0]);
    warmUp(shakesMin);
    Child.serve(
        line -> {
          String[] words = line.split(" ");
          long size = Long.parseLong(words[1]);
          return words[0].equals("users") ? share(size, shakesMin) : sellOut(size, shakesMin);
        });
  }

  private static void warmUp(int shakesMin) {
    Tally warm = new Tally();
    while (warm.shakes < shakesMin * (long) WARM_TIMES) {
      sellTo(shakesMin / USERS_A_UNIT, warm);
    }
  }

  private static String share(long users, int shakesMin) {
    Tally tally = new Tally();
    String weight = "";
    while (tally.shakes < shakesMin) {
      weight = sellTo(users, tally);
    }
    return tally.micros() + " " + weight;
  }

  /** Whole sales; what an order weighs. */
  private static String sellTo(long users, Tally tally) {
    long units = Math.max(1, users / USERS_A_UNIT);
    long before = units < WEIGHED_MIN ? 0 : heapBytes();
    List<OwnerInMemory> owners = owners(users, units);
    requireAll(units * owners.size(), tally.shakes(owners, users));
    if (units < WEIGHED_MIN) {
      return "";
    }
    OwnerInMemory owner = owners.get(0);
    double bytes = (double) (heapBytes() - before - owner.logBytes()) / units;
    double log = (double) owner.logBytes() / units;
    return String.format(Locale.ROOT, "%.0f bytes of heap an order, %.0f of journal", bytes, log);
  }

  private static String sellOut(long units, int shakesMin) {
    Tally sold = new Tally();
    Tally refused = new Tally();
    while (sold.shakes < shakesMin) {
      List<OwnerInMemory> owners = owners(units, units);
      requireAll(units * owners.size(), sold.shakes(owners, units));
      for (OwnerInMemory owner : owners) {
        if (refused.shakes < shakesMin) {
          owner.rest(); // what an owner does once when it is quiet is not theirs who are refused
          long more = Math.min(shakesMin, Math.max(REFUSED_A_SALE, units));
          requireAll(0, refused.shakes(List.of(owner), more));
        }
      }
    }
    return sold.micros() + " " + refused.micros();
  }

  /** As many as are needed for so many shakes as are made at a time. */
  private static List<OwnerInMemory> owners(long users, long units) {
    List<OwnerInMemory> owners = new ArrayList<>();
    for (long made = 0; made == 0 || made + users <= MADE * BATCH; made += users) {
      owners.add(new OwnerInMemory(units));
    }
    return owners;
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
   * CPU time of owners at work: their thread's, and of what the collector takes while this thread
   * makes shakes and has them decided, the same part. Not the compiler's: it would be most of what
   * there is beside a sample that is over within a second.
   */
  private static final class Tally {
    /** Nobody shakes in two sales: what comes again is foreseen by the processor, too. */
    private static long born;

    private final ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    private long workNanos;
    private long spentNanos;
    private long collectedNanos;
    private long shakes;

    /** So many users, all of them new, shake once each at every owner; how many were accepted. */
    long shakes(List<OwnerInMemory> owners, long users) {
      long accepted = 0;
      long spentBefore = thread.getCurrentThreadCpuTime();
      long collectedBefore = collectorNanos();
      for (long next = 0; next < users; next += (long) MADE * BATCH) {
        List<List<byte[]>> made = new ArrayList<>();
        for (OwnerInMemory owner : owners) {
          made.add(batches(owner.epoch(), Math.min(users - next, MADE * BATCH)));
        }
        long begin = thread.getCurrentThreadCpuTime();
        for (int i = 0; i < owners.size(); i++) {
          for (byte[] batch : made.get(i)) {
            accepted += owners.get(i).shake(batch);
          }
        }
        workNanos += thread.getCurrentThreadCpuTime() - begin;
      }
      spentNanos += thread.getCurrentThreadCpuTime() - spentBefore;
      collectedNanos += collectorNanos() - collectedBefore;
      shakes += users * owners.size();
      return accepted;
    }

    private static List<byte[]> batches(long epoch, long users) {
      List<byte[]> batches = new ArrayList<>(MADE);
      for (long next = 0; next < users; next += BATCH) {
        List<Command> shakes = new ArrayList<>(BATCH);
        for (long user = next; user < Math.min(users, next + BATCH); user++) {
          String id = Long.toHexString(Bytes.mix64(++born)); // without order, as a shop's are
          shakes.add(
              new Command.Shake(OwnerInMemory.ITEM, Bytes.of("u" + id), Bytes.of("k-" + id), 1));
        }
        batches.add(new CommandBatch(OwnerInMemory.PARTITION, epoch, shakes).encode());
      }
      return batches;
    }

    /** A shake's. */
    double micros() {
      return (1 + (double) collectedNanos / spentNanos) * workNanos / 1e3 / shakes;
    }
  }

  private static long collectorNanos() {
    return ProcessMeter.threadNanos(
        ProcessHandle.current().pid(),
        thread -> thread.startsWith("GC Thread") || thread.startsWith("G1 "));
  }
}
