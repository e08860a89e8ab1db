package stampede.standalone.reconcile;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.sale.journal.Journal;
import stampede.sale.journal.Journal.Acquired;
import stampede.sale.journal.Journal.Appended;
import stampede.standalone.EnvironmentFault;

/**
 * Makes a journal whole again that ends before what was drained from it, as after a Redis was
 * restored from an older copy.
 *
 * <p>Appends the lost events at their old positions, under a new epoch, and only if the whole of
 * the result agrees with every row in MySQL. What cannot be made again faithfully is named, and
 * nothing is touched. When it ends half-way (Redis goes away), running it again goes on from there.
 * Orders that were acknowledged but not drained yet are in neither store: no repair brings them
 * back.
 */
final class JournalRepair {
  private static final String NODE = "repair";
  private static final long LEASE_MS = 2_000;
  private static final long ACQUIRE_MS_MAX = 90_000;
  private static final long ACQUIRE_PAUSE_MS = 200;

  private final Vertx vertx;
  private final RedisLog log;
  private final String mysqlUrl;
  private final int partition;
  private final int partitions;
  private final PrintStream out;

  JournalRepair(
      Vertx vertx, RedisLog log, String mysqlUrl, int partition, int partitions, PrintStream out) {
    this.vertx = vertx;
    this.log = log;
    this.mysqlUrl = mysqlUrl;
    this.partition = partition;
    this.partitions = partitions;
    this.out = out;
  }

  /**
   * Blocks.
   *
   * @param reports directory for the file of orders the journal lacks
   * @param confirmed asked once, when it is known what would be done
   * @return whether the journal is whole now
   */
  boolean run(Path reports, BooleanSupplier confirmed) {
    LogFold fold = new LogFold(new Ledger(partition));
    if (!foldWhatIsLeft(fold)) {
      return false;
    }
    long end = fold.ledger().position();
    RepairPlan plan;
    Booked.Cursor cursor;
    try (BooksSnapshot books = BooksSnapshot.open(vertx, mysqlUrl)) {
      cursor = books.cursor(partition);
      if (cursor.position() <= end) {
        out.printf(
            "partition %d needs no repair: drained to %d, the journal goes to %d%n",
            partition, cursor.position(), end);
        return true;
      }
      plan = new RepairPlan(fold.ledger(), cursor);
      Path report = report(reports, books, plan);
      List<String> obstacles = plan.complete();
      if (obstacles.isEmpty()) {
        obstacles = tryOut(fold, plan, cursor, books);
      }
      out.printf(
          "partition %d: drained to %d, the journal ends at %d; it lacks %d orders, listed in %s%n",
          partition, cursor.position(), end, plan.orders(), report);
      if (!obstacles.isEmpty()) {
        out.println("these positions can't be made again from MySQL; nothing was changed:");
        obstacles.forEach(line -> out.println("  " + line));
        return false;
      }
    }
    out.printf(
        "positions %d to %d can all be made again from MySQL. What was acknowledged after position"
            + " %d is in neither store and stays lost.%n",
        end + 1, cursor.position(), cursor.position());
    if (!confirmed.getAsBoolean()) {
      out.println("not confirmed; nothing was changed");
      return false;
    }
    return append(plan, end, cursor);
  }

  /** False if the log is damaged: then it is no beginning for anything. */
  private boolean foldWhatIsLeft(LogFold fold) {
    try {
      List<JournalEntry> page = log.page(partition, 0);
      while (!page.isEmpty()) {
        page.forEach(fold::add);
        page = log.page(partition, fold.ledger().position());
      }
      fold.requireWhole();
      return true;
    } catch (IllegalStateException e) { // a corrupt record, or events that contradict each other
      out.printf(
          "partition %d: the log is unusable after position %d: %s; nothing was changed%n",
          partition, fold.ledger().position(), e.getMessage());
      return false;
    }
  }

  /** Gives every row to the plan and keeps the orders the journal lacks something of. */
  private Path report(Path directory, BooksSnapshot books, RepairPlan plan) {
    Path file =
        directory.resolve("repair-" + partition + "-" + System.currentTimeMillis() + ".jsonl");
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (BufferedWriter lines = Files.newBufferedWriter(file)) {
        books.orders(
            partition,
            row -> {
              if (plan.order(row)) {
                write(lines, row);
              }
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    books.claims(partition).forEach(plan::claim);
    books.refunds(partition).forEach(plan::refund);
    books.audits(partition).forEach(plan::audit);
    books.items(partition).forEach(plan::item);
    return file;
  }

  private static void write(BufferedWriter lines, Booked.Order row) {
    OrderFact o = row.fact();
    JsonObject json =
        new JsonObject()
            .put("order", Long.toString(o.order()))
            .put("position", row.position())
            .put("item", Long.toString(o.item()))
            .put("user", o.user().utf8())
            .put("key", o.key().utf8())
            .put("quantity", o.quantity())
            .put("price", o.price())
            .put("currency", o.currency())
            .put("status", o.status().text())
            .put("acceptedAt", o.acceptedAt())
            .put("payBy", o.payBy())
            .put("paidAt", o.paidAt())
            .put("payment", o.payment().utf8())
            .put("releasedAt", o.releasedAt())
            .put("releaseReason", o.releaseReason())
            .put("claimBy", o.claimBy())
            .put("claimedBy", o.claimedBy().utf8())
            .put("claimedAt", o.claimedAt());
    try {
      lines.append(json.encode()).append('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Folds the plan's events in memory and holds the result against every row. */
  private List<String> tryOut(
      LogFold fold, RepairPlan plan, Booked.Cursor cursor, BooksSnapshot books) {
    List<String> found = new ArrayList<>();
    Differences differences = new Differences(found::add);
    try {
      plan.entries(fold.epoch()).forEach(fold::add);
      PartitionCheck.compare(fold.ledger(), cursor, books, partitions, differences, nothing -> {});
    } catch (IllegalStateException e) { // events that contradict each other
      found.add("the events made from MySQL contradict each other: " + e.getMessage());
    }
    return found;
  }

  private boolean append(RepairPlan plan, long end, Booked.Cursor cursor) {
    try (BooksSnapshot books = BooksSnapshot.open(vertx, mysqlUrl)) {
      if (!books.cursor(partition).equals(cursor)) {
        out.println("MySQL's cursor moved meanwhile; nothing was changed");
        return false;
      }
    }
    Journal journal = log.journal(partition);
    long nonce = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    Acquired.Ok mine = acquire(journal, nonce);
    if (mine.position() != end) {
      out.printf("the journal ends at %d now; nothing was changed%n", mine.position());
      return false;
    }
    for (JournalEntry entry : plan.entries(mine.epoch())) {
      Appended reply = log.ask(done -> journal.append(entry, nonce, done));
      if (!(reply instanceof Appended.Ok || reply instanceof Appended.Duplicate)) {
        out.printf("stopped before position %d: %s; run it again%n", entry.first(), reply);
        return false;
      }
    }
    // The lease runs out by itself. To give it back would tell the next owner that the epoch before
    // ended in order, and payments on their way would lose their time of grace.
    out.printf(
        "partition %d is whole: the journal goes to %d, under epoch %d%n",
        partition, cursor.position(), mine.epoch());
    return true;
  }

  private Acquired.Ok acquire(Journal journal, long nonce) {
    long deadline = System.nanoTime() + ACQUIRE_MS_MAX * 1_000_000;
    while (true) {
      Journal.Owner owner = log.ask(journal::owner);
      Acquired reply = log.ask(done -> journal.acquire(NODE, nonce, owner.epoch(), LEASE_MS, done));
      if (reply instanceof Acquired.Ok ok) {
        return ok;
      }
      if (System.nanoTime() > deadline) {
        throw new EnvironmentFault(
            "partition " + partition,
            "that " + owner.node() + " keeps it for " + ACQUIRE_MS_MAX / 1_000 + " s",
            "sale nodes that are stopped, or alarm that this journal regressed");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(ACQUIRE_PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
