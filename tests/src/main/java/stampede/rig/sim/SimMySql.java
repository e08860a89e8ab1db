package stampede.rig.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.CommitResult.Committed;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Failed;
import stampede.persist.drain.CommitResult.Transient;
import stampede.persist.drain.CommitResult.Unknown;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.OrderStore;
import stampede.protocol.Bytes;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Completion;

/**
 * The database as a drain sees it: a chunk is one transaction under the lock of its cursor. It may
 * be away, slow, choose a transaction as a deadlock's victim, lose the reply of a commit, or carry
 * a commit out long after its caller gave up, holding the lock until then. A connection may have a
 * breaker, as the real one: once away, calls fail before they return, but for one a second.
 */
public class SimMySql {
  private static final long AWAY_ANSWER_MS = 1_000;
  private static final long LOCK_WAIT_MS = 1_000;
  private static final long TIMEOUT_MS = 2_000;
  private static final long LIMBO_MS_MAX = 5_000;
  private static final int BREAKER_FAILURES_MAX = 3;
  private static final long BREAKER_RESET_MS = 1_000;

  /** An order's row. Times are epoch ms, 0 = not yet. */
  public static final class Row {
    final Chunk.NewOrder asNew;
    String status;
    long paidAt;
    Bytes payment;
    long releasedAt;
    String releaseReason;
    Bytes claimedBy;
    long claimedAt;

    private Row(Chunk.NewOrder order) {
      asNew = order;
      status = order.fact().status().text();
      paidAt = order.fact().paidAt();
      payment = order.fact().payment();
      releasedAt = order.fact().releasedAt();
      releaseReason = order.fact().releaseReason();
      claimedBy = order.fact().claimedBy();
      claimedAt = order.fact().claimedAt();
    }
  }

  /** An item's row. */
  public static final class Stock {
    long available;
    long held;
    long sold;
    long stock;
    long position;
  }

  /** One partition's rows. */
  public static final class Tables {
    Cursor cursor = Cursor.START;
    final List<SaleItem> items = new ArrayList<>();
    final Map<Long, Row> orders = new HashMap<>();
    final Map<Long, Stock> stock = new HashMap<>();
    final List<Chunk.Claim> claims = new ArrayList<>();
    final List<Chunk.Refund> refunds = new ArrayList<>();
    final List<Chunk.Audit> audits = new ArrayList<>();
    long lockedUntilMs;

    public Cursor cursor() {
      return cursor;
    }
  }

  final SimClock clock;
  final SplittableRandom random;
  private final Tables[] partitions;
  private final boolean breakers;
  private boolean away;
  private int slowMs;
  private int deadlockPerMille;
  private int replyLostPerMille;
  private int limboPerMille;
  private long struck;

  SimMySql(SimClock clock, SplittableRandom random, int partitions, boolean breakers) {
    this.clock = clock;
    this.random = random;
    this.breakers = breakers;
    this.partitions = new Tables[partitions];
    for (int i = 0; i < partitions; i++) {
      this.partitions[i] = new Tables();
    }
  }

  void away(boolean away) {
    this.away = away;
  }

  void slow(int upToMs) {
    slowMs = upToMs;
  }

  /** Per mille of commits. */
  void rates(int deadlock, int replyLost, int limbo) {
    deadlockPerMille = deadlock;
    replyLostPerMille = replyLost;
    limboPerMille = limbo;
  }

  void heal() {
    away(false);
    slow(0);
    rates(0, 0, 0);
  }

  /** Calls that met a fault. */
  long struck() {
    return struck;
  }

  public Tables tables(int partition) {
    return partitions[partition];
  }

  /** A persist node's connection. */
  OrderStore of(SimProcess process) {
    return new Link(process);
  }

  private long latencyMs() {
    return 1 + random.nextInt(4) + (slowMs > 0 ? random.nextInt(slowMs) : 0);
  }

  /** The transaction, at its moment. */
  CommitResult transact(int partition, Cursor expected, Chunk chunk) {
    Tables tables = partitions[partition];
    if (!tables.cursor.equals(expected)) {
      return new CursorMoved(tables.cursor);
    }
    String refusal = refusal(tables, chunk);
    if (refusal != null) {
      return new Failed(refusal);
    }
    write(tables, chunk);
    return new Committed(tables.cursor);
  }

  /** What a constraint or a row count says against the chunk; null = nothing. */
  private static @Nullable String refusal(Tables tables, Chunk chunk) {
    for (Chunk.NewOrder order : chunk.orders()) {
      if (tables.orders.containsKey(order.fact().order())) {
        return "duplicate order " + order.fact().order();
      }
    }
    for (Chunk.Paid paid : chunk.paid()) {
      if (!isHeld(tables, paid.order())) {
        return "paid: order " + paid.order() + " is not held";
      }
    }
    for (Chunk.Released released : chunk.released()) {
      if (!isHeld(tables, released.order())) {
        return "released: order " + released.order() + " is not held";
      }
    }
    for (Chunk.Claim claim : chunk.claims()) {
      Row row = tables.orders.get(claim.order());
      boolean open = row != null && row.claimedBy.isEmpty() && !row.status.equals("released");
      if (!claim.newOrder() && !open) {
        return "claims: order " + claim.order() + " is not to be claimed";
      }
    }
    for (Chunk.StockChange change : chunk.stock()) {
      if (!tables.stock.containsKey(change.item())) {
        return "stock: item " + change.item() + " has no row";
      }
    }
    return null;
  }

  private static boolean isHeld(Tables tables, long order) {
    Row row = tables.orders.get(order);
    return row != null && row.status.equals("held");
  }

  /** All rows and the cursor. */
  public static void write(Tables tables, Chunk chunk) {
    writeRows(tables, chunk);
    tables.cursor = chunk.end();
  }

  public static void writeRows(Tables tables, Chunk chunk) {
    for (Chunk.Published published : chunk.published()) {
      tables.items.add(published.item());
      add(
          tables.stock.computeIfAbsent(published.item().item(), i -> new Stock()),
          published.stock());
    }
    chunk
        .orders()
        .forEach(order -> tables.orders.putIfAbsent(order.fact().order(), new Row(order)));
    for (Chunk.Paid paid : chunk.paid()) {
      Row row = tables.orders.get(paid.order());
      row.status = "paid";
      row.paidAt = paid.at();
      row.payment = paid.payment();
    }
    for (Chunk.Released released : chunk.released()) {
      Row row = tables.orders.get(released.order());
      row.status = "released";
      row.releasedAt = released.at();
      row.releaseReason = released.reason();
    }
    for (Chunk.Claim claim : chunk.claims()) {
      Row row = tables.orders.get(claim.order());
      row.claimedBy = claim.user();
      row.claimedAt = claim.at();
    }
    tables.claims.addAll(chunk.claims());
    tables.refunds.addAll(chunk.refunds());
    tables.audits.addAll(chunk.audits());
    chunk.stock().forEach(change -> add(tables.stock.get(change.item()), change));
  }

  private static void add(Stock row, Chunk.StockChange change) {
    row.available += change.available();
    row.held += change.held();
    row.sold += change.sold();
    row.stock += change.stock();
    row.position = change.position();
  }

  private boolean hit(int perMille) {
    return perMille > 0 && random.nextInt(1_000) < perMille;
  }

  private final class Link implements OrderStore {
    private final SimProcess process;
    private int failuresInARow;
    private long openUntilMs;

    private Link(SimProcess process) {
      this.process = process;
    }

    @Override
    public void cursor(int partition, Completion<Cursor> done) {
      ask(() -> partitions[partition].cursor, done);
    }

    @Override
    public void items(int partition, Completion<List<SaleItem>> done) {
      ask(() -> List.copyOf(partitions[partition].items), done);
    }

    /** Whether the breaker lets nothing through now. */
    private boolean isOpen() {
      if (!breakers || failuresInARow < BREAKER_FAILURES_MAX) {
        return false;
      }
      boolean open = clock.millis() < openUntilMs;
      openUntilMs = open ? openUntilMs : clock.millis() + BREAKER_RESET_MS;
      return open;
    }

    private void reached() {
      failuresInARow = 0;
    }

    private void notReached(Runnable told) {
      failuresInARow++;
      openUntilMs = clock.millis() + BREAKER_RESET_MS;
      told.run();
    }

    private <T> void ask(java.util.function.Supplier<T> question, Completion<T> done) {
      if (isOpen()) {
        done.fail(new Away());
        return;
      }
      Completion<T> here = process.here(done);
      long requestMs = latencyMs();
      if (away || requestMs > TIMEOUT_MS) {
        struck++;
        clock.after(AWAY_ANSWER_MS, () -> notReached(() -> here.fail(new Away())));
        return;
      }
      reached();
      clock.after(
          requestMs,
          () -> {
            T answer = question.get();
            clock.after(latencyMs(), () -> here.succeed(answer));
          });
    }

    @Override
    public void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
      if (isOpen()) {
        done.succeed(new Transient("breaker open"));
        return;
      }
      Completion<CommitResult> here = process.here(done);
      if (away) {
        struck++;
        clock.after(AWAY_ANSWER_MS, () -> notReached(() -> here.succeed(new Transient("away"))));
      } else {
        reached();
        clock.after(latencyMs(), () -> arrived(partition, expected, chunk, here));
      }
    }

    private void arrived(
        int partition, Cursor expected, Chunk chunk, Completion<CommitResult> here) {
      Tables tables = partitions[partition];
      if (away || hit(deadlockPerMille)) {
        struck++;
        clock.after(latencyMs(), () -> here.succeed(new Transient("deadlock or gone")));
      } else if (clock.millis() < tables.lockedUntilMs) {
        struck++;
        clock.after(LOCK_WAIT_MS, () -> here.succeed(new Transient("lock wait timed out")));
      } else if (tables.cursor.equals(expected) && hit(limboPerMille)) {
        struck++;
        long heldMs = 1 + random.nextLong(LIMBO_MS_MAX);
        boolean lost = random.nextBoolean();
        tables.lockedUntilMs = clock.millis() + heldMs;
        clock.after(heldMs, () -> limboEnds(partition, expected, chunk, lost));
        clock.after(TIMEOUT_MS, () -> here.succeed(new Unknown("timed out")));
      } else {
        CommitResult result = transact(partition, expected, chunk);
        boolean lost = result instanceof Committed && hit(replyLostPerMille);
        struck += lost ? 1 : 0;
        CommitResult told = lost ? new Unknown("reply lost") : result;
        clock.after(lost ? TIMEOUT_MS : latencyMs(), () -> here.succeed(told));
      }
    }

    /** The lock was held until now, so the cursor is where it was. */
    private void limboEnds(int partition, Cursor expected, Chunk chunk, boolean rolledBack) {
      partitions[partition].lockedUntilMs = 0;
      if (!rolledBack) {
        transact(partition, expected, chunk);
      }
    }
  }

  private static final class Away extends Exception {
    private Away() {
      super("the database is away", null, false, false);
    }
  }
}
