package stampede.rig.check.rule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.Dump;
import stampede.rig.check.Key;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.Item;
import stampede.rig.check.log.LogEvent;
import stampede.rig.check.log.LogEvent.Accepted;
import stampede.rig.check.log.LogEvent.Claimed;
import stampede.rig.check.log.LogEvent.Paid;
import stampede.rig.check.log.LogEvent.RefundDue;
import stampede.rig.check.log.LogEvent.Released;
import stampede.rig.check.log.Order;
import stampede.rig.check.log.PartitionLog;

/**
 * S10: MySQL is the fold of the log up to each partition's cursor, row by row and field by field;
 * where a shopper was told of the order, the same is S2. S7: a cursor stands at the end of an entry
 * of this log, with its batch.
 */
public final class Projection {
  private static final Dump.Cursor START = new Dump.Cursor(0, 0, "0", 1);

  private final Evidence evidence;
  private final Map<Integer, Dump.Cursor> cursors = new HashMap<>();
  private final Map<Integer, List<Dump.Order>> orders = new HashMap<>();
  private final Map<Integer, List<Dump.Claim>> claims = new HashMap<>();
  private final Map<Integer, List<Dump.Refund>> refunds = new HashMap<>();
  private final Map<Integer, Map<Long, Dump.Stock>> stock = new HashMap<>();

  private Projection(Evidence evidence) {
    this.evidence = evidence;
  }

  /** One comparison a partition, at its cursor. */
  public static Map<Integer, Books.Claim> claims(Evidence evidence) {
    Projection projection = new Projection(evidence);
    projection.sortRows(evidence.run.stores());
    Map<Integer, Books.Claim> claims = new TreeMap<>();
    evidence.logs.forEach((partition, log) -> claims.put(partition, projection.claim(log)));
    return claims;
  }

  private void sortRows(Dump stores) {
    Set<Integer> known = evidence.logs.keySet();
    for (Dump.Cursor cursor : stores.cursors()) {
      if (cursors.put(cursor.partition(), cursor) != null || !known.contains(cursor.partition())) {
        found("S10", cursor.partition(), -1, "", "a cursor too many");
      }
    }
    Set<Key> keys = new HashSet<>();
    for (Dump.Order row : stores.orders()) {
      orders.computeIfAbsent(row.partition(), p -> new ArrayList<>()).add(row);
      Key key = new Key(row.user(), row.item(), row.key());
      if (!keys.add(key)) {
        found("S10", row.partition(), row.position(), key + "", "two rows for one key");
      }
      if (!known.contains(row.partition())) {
        found("S10", row.partition(), row.position(), key + "", "a row of no partition");
      }
    }
    for (Dump.Claim row : stores.claims()) {
      claims.computeIfAbsent(row.partition(), p -> new ArrayList<>()).add(row);
    }
    for (Dump.Refund row : stores.refunds()) {
      refunds.computeIfAbsent(row.partition(), p -> new ArrayList<>()).add(row);
    }
    for (Dump.Stock row : stores.stock()) {
      int partition = evidence.partitionOfItem(row.item());
      Dump.Stock twice =
          stock.computeIfAbsent(partition, p -> new HashMap<>()).put(row.item(), row);
      if (partition < 0 && !evidence.isCut() || twice != null) {
        found(
            "S10",
            partition,
            row.position(),
            "",
            "a stock row of item " + row.item() + " too many");
      }
    }
    evidence.findings.checked("rows of orders", stores.orders().size());
    evidence.findings.checked("rows of stock", stores.stock().size());
  }

  private Books.Claim claim(PartitionLog log) {
    Dump.Cursor cursor = cursors.getOrDefault(log.partition(), START);
    checkCursor(cursor, log);
    return new Books.Claim() {
      @Override
      public long position() {
        return cursor.position();
      }

      @Override
      public void check(Books books) {
        compareOrders(books);
        compareClaims(books);
        compareRefunds(books);
        compareStock(books);
      }
    };
  }

  private void checkCursor(Dump.Cursor cursor, PartitionLog log) {
    if (cursor.position() == 0) {
      return;
    }
    PartitionLog.Ending ending = log.endingAt(cursor.position());
    String problem = "";
    if (cursor.position() > log.end()) {
      problem = "the cursor is beyond the log, which ends at " + log.end();
    } else if (ending == null) {
      problem = "the cursor is not at the end of an entry";
    } else if (!ending.batch().equals(cursor.batch()) || ending.first() != cursor.batchFirst()) {
      problem = "the cursor's batch is " + cursor.batch() + ", the log's there " + ending.batch();
    }
    if (!problem.isEmpty()) {
      found("S7", log.partition(), cursor.position(), "", problem);
    }
  }

  private void compareOrders(Books books) {
    Set<Long> booked = new HashSet<>();
    for (Dump.Order row : orders.getOrDefault(books.partition(), List.of())) {
      Key key = new Key(row.user(), row.item(), row.key());
      Order order = books.order(row.order());
      if (!booked.add(row.order())) {
        found("S10", books.partition(), row.position(), key + "", "two rows of one order");
      } else if (order == null && !books.hasForgottenOrder(row.order())) {
        String problem = "a row of order " + row.order() + ", the log has none up to the cursor";
        found("S10", books.partition(), row.position(), key + "", problem);
      } else if (order != null && !expected(order).equals(row)) {
        wrong(order, "the row is " + row + ", it should be " + expected(order));
      }
    }
    for (Order order : books.orders()) {
      if (!booked.contains(order.id())) {
        wrong(order, "order " + order.id() + " has no row");
      }
    }
  }

  private void wrong(Order order, String problem) {
    long position = order.accepted().position();
    found("S10", order.partition(), position, order.key().toString(), problem);
    KeyStory story = evidence.stories.of(order.key());
    if (story != null && story.acceptedAt != KeyStory.NEVER) {
      found("S2", order.partition(), position, order.key().toString(), "told accepted, " + problem);
    }
  }

  private static Dump.Order expected(Order order) {
    Accepted accepted = order.accepted();
    LogEvent.Published item = order.item().published();
    LogEvent ending = order.ending();
    Claimed claim = order.claim();
    RefundDue refund = order.refunds().isEmpty() ? null : order.refunds().get(0);
    return new Dump.Order(
        order.id(),
        accepted.item(),
        accepted.user(),
        accepted.key(),
        accepted.quantity(),
        item.price(),
        item.currency(),
        order.status(),
        accepted.at(),
        accepted.payBy(),
        ending instanceof Paid ? ending.at() : 0,
        ending instanceof Paid paid ? paid.payment() : "",
        ending instanceof Released ? ending.at() : 0,
        ending instanceof Released released ? released.reason() : "",
        refund == null ? "" : refund.payment(),
        refund == null ? "" : refund.reason(),
        refund == null ? 0 : refund.at(),
        order.claimBy(),
        claim == null ? "" : claim.user(),
        claim == null ? 0 : claim.at(),
        order.partition(),
        accepted.position());
  }

  private void compareClaims(Books books) {
    Set<Dump.Claim> expected = new HashSet<>();
    for (Order order : books.orders()) {
      Claimed claim = order.claim();
      if (claim != null) {
        expected.add(
            new Dump.Claim(
                order.id(), claim.user(), claim.at(), books.partition(), claim.position()));
      }
    }
    List<Dump.Claim> rows = new ArrayList<>(claims.getOrDefault(books.partition(), List.of()));
    rows.removeIf(row -> books.hasForgottenOrder(row.order()));
    if (rows.size() != expected.size() || !expected.containsAll(rows)) {
      String problem = "claims are " + rows + ", the log has " + expected;
      found("S10", books.partition(), -1, "", problem);
    }
  }

  private void compareRefunds(Books books) {
    List<Dump.Refund> expected = new ArrayList<>();
    for (Order order : books.orders()) {
      for (RefundDue due : order.refunds()) {
        expected.add(
            new Dump.Refund(
                due.order(),
                due.payment(),
                due.reason(),
                due.at(),
                books.partition(),
                due.position()));
      }
    }
    List<Dump.Refund> rows = new ArrayList<>(refunds.getOrDefault(books.partition(), List.of()));
    rows.removeIf(row -> books.hasForgottenOrder(row.order()));
    rows.sort(Comparator.comparingLong(Dump.Refund::position));
    expected.sort(Comparator.comparingLong(Dump.Refund::position));
    if (!rows.equals(expected)) {
      String problem = "refunds are " + rows.size() + " rows, the log has " + expected.size();
      rows.removeAll(expected);
      found("S10", books.partition(), -1, "", problem + "; not in the log: " + rows);
    }
  }

  private void compareStock(Books books) {
    Map<Long, Dump.Stock> rows = stock.getOrDefault(books.partition(), Map.of());
    Set<Long> published = new HashSet<>();
    for (Item item : books.items()) {
      published.add(item.published().item());
      compare(books, item, rows.get(item.published().item()));
    }
    rows.forEach(
        (item, row) -> {
          if (!published.contains(item) && !books.hasForgottenItem(item)) {
            found(
                "S10", books.partition(), row.position(), "", "stock of an item not published yet");
          }
        });
  }

  private void compare(Books books, Item item, Dump.@Nullable Stock row) {
    Dump.Stock expected =
        new Dump.Stock(
            item.published().item(),
            item.available(),
            item.held(),
            item.sold(),
            item.stock(),
            item.stockPosition());
    if (!expected.equals(row)) {
      String problem = "the stock row is " + row + ", it should be " + expected;
      found("S10", books.partition(), item.stockPosition(), "", problem);
    }
  }

  private void found(String rule, int partition, long position, String key, String problem) {
    evidence.findings.add(rule, partition, position, key, problem);
  }
}
