package stampede.standalone.reconcile;

import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import stampede.standalone.EnvironmentFault;

/** Compares all partitions of one shop, one after the other, and repairs one. Blocks its caller. */
public final class Reconciliation {
  private static final long PROGRESS_NANOS = 1_000_000_000;

  private final Vertx vertx;
  private final RedisLog log;
  private final String mysqlUrl;
  private final int partitions;
  private final PrintStream out;
  private long progressAt = System.nanoTime() + PROGRESS_NANOS;
  private long orders;
  private Units units = Units.NONE;

  private Reconciliation(
      Vertx vertx, RedisLog log, String mysqlUrl, int partitions, PrintStream out) {
    this.vertx = vertx;
    this.log = log;
    this.mysqlUrl = mysqlUrl;
    this.partitions = partitions;
    this.out = out;
  }

  /**
   * @param vertx closes the connections when it is closed
   * @param out told every difference, and once a second how far it is
   * @throws EnvironmentFault if a store can't be reached or holds no shop
   */
  public static Reconciliation open(
      Vertx vertx, String redisUrl, String mysqlUrl, PrintStream out) {
    RedisLog log = RedisLog.open(vertx, redisUrl);
    return new Reconciliation(vertx, log, mysqlUrl, log.partitions(), out);
  }

  /**
   * Compares everything.
   *
   * @return how many differences there are
   */
  public long compare() {
    long differences = 0;
    for (int partition = 0; partition < partitions; partition++) {
      differences += compare(partition);
    }
    differences += strangers();
    differences += units.unaccounted();
    out.println(units);
    out.printf(
        "%d partitions, %d orders, %s%n",
        partitions, orders, differences == 0 ? "balanced" : differences + " differences: BROKEN");
    return differences;
  }

  private long compare(int partition) {
    Differences differences =
        new Differences(line -> out.println("  partition " + partition + ": " + line));
    try (BooksSnapshot books = BooksSnapshot.open(vertx, mysqlUrl)) {
      PartitionCheck.Result found =
          new PartitionCheck(
                  log, books, partition, partitions, differences, at -> progress(partition, at))
              .run();
      orders += found.orders().all();
      units = units.plus(found.units());
      out.printf(
          "partition %d: log %sto %d, drained to %d, %d orders%s: %s%n",
          partition,
          found.logBegin() == 1 ? "" : "from " + found.logBegin() + " ",
          found.logEnd(),
          found.drainedTo(),
          found.orders().all(),
          found.orders().cutAway() == 0
              ? ""
              : ", " + found.orders().cutAway() + " of them archived and not compared",
          differences.total() == 0 ? "balanced" : differences.summary());
    }
    return differences.total();
  }

  private long strangers() {
    try (BooksSnapshot books = BooksSnapshot.open(vertx, mysqlUrl)) {
      List<String> found = books.strangers(partitions);
      found.forEach(line -> out.println("  row: " + line));
      return found.size();
    }
  }

  /**
   * Gives a partition back what its journal lost, if that can be done faithfully.
   *
   * @param reports directory for the list of orders the journal lacks
   * @param confirmed asked when it is known what would be done
   * @return whether its journal is whole now and agrees with MySQL
   */
  public boolean repair(int partition, Path reports, BooleanSupplier confirmed) {
    if (partition < 0 || partition >= partitions) {
      throw new EnvironmentFault(
          "--repair", Integer.toString(partition), "a partition, 0 to " + (partitions - 1));
    }
    boolean whole =
        new JournalRepair(vertx, log, mysqlUrl, partition, partitions, out).run(reports, confirmed);
    return whole && compare(partition) == 0;
  }

  private void progress(int partition, String at) {
    long now = System.nanoTime();
    if (now - progressAt >= 0) {
      progressAt = now + PROGRESS_NANOS;
      out.println("  ... partition " + partition + ": " + at);
    }
  }
}
