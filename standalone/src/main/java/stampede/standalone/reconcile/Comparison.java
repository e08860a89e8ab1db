package stampede.standalone.reconcile;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import stampede.protocol.OrderFact;
import stampede.protocol.PartitionMap;

/**
 * Holds the rows of one partition against its ledger at the cursor. Pure; used once. Every row must
 * come from the same snapshot as the cursor.
 *
 * <p>A second row for one order can't hide: order ids are made of positions, so a row either
 * belongs to the event at its position or to none.
 *
 * <p>Of before the beginning of a log that was cut, and of items published then, the journal says
 * nothing any more: such rows are counted, not compared.
 */
final class Comparison {
  private final Ledger ledger;
  private final long cursor;
  private final Differences differences;
  private final Set<Long> halfKnown;
  private int nextOrder;
  private long rows;
  private long cutAway;

  /**
   * @param ledger folded up to {@code cursor}
   */
  Comparison(Ledger ledger, long cursor, Differences differences) {
    this.ledger = ledger;
    this.cursor = cursor;
    this.differences = differences;
    this.halfKnown = new LinkedHashSet<>(ledger.halfKnown());
  }

  /** The next row of {@code sale_order}; they come in the order of their ids. */
  void order(Booked.Order row) {
    rows++;
    long id = row.fact().order();
    if (isCutAway(PartitionMap.positionOfOrder(id)) || halfKnown.remove(id)) {
      cutAway++;
      return;
    }
    while (nextOrder < ledger.orders() && ledger.orderAt(nextOrder) < id) {
      missing(ledger.orderAt(nextOrder++));
    }
    if (nextOrder < ledger.orders() && ledger.orderAt(nextOrder) == id) {
      nextOrder++;
      fields(row, Objects.requireNonNull(ledger.order(id)));
    } else {
      extra(row);
    }
  }

  /** After the last row. */
  void endOfOrders() {
    while (nextOrder < ledger.orders()) {
      missing(ledger.orderAt(nextOrder++));
    }
    halfKnown.forEach(id -> differences.add("order", id + " is not in MySQL"));
  }

  long rows() {
    return rows;
  }

  /** Orders that could not be compared. */
  long cutAway() {
    return cutAway;
  }

  private boolean isCutAway(long position) {
    return position <= ledger.cutAway();
  }

  private void missing(long id) {
    differences.add("order", name(Objects.requireNonNull(ledger.order(id))) + " is not in MySQL");
  }

  private void extra(Booked.Order row) {
    boolean beyond = PartitionMap.positionOfOrder(row.fact().order()) > cursor;
    differences.add(
        "order",
        name(row.fact())
            + (beyond
                ? " is in MySQL, but beyond its cursor at " + cursor
                : " is in MySQL, but no event of the journal accepted it"));
  }

  private static String name(OrderFact order) {
    return order.order()
        + " (position "
        + PartitionMap.positionOfOrder(order.order())
        + ", item "
        + order.item()
        + ", user "
        + order.user()
        + ", key "
        + order.key()
        + ")";
  }

  private void fields(Booked.Order row, OrderFact wanted) {
    OrderFact found = row.fact();
    Fields fields = new Fields();
    fields.compare("item", wanted.item(), found.item());
    fields.compare("user", wanted.user(), found.user());
    fields.compare("key", wanted.key(), found.key());
    fields.compare("quantity", wanted.quantity(), found.quantity());
    fields.compare("price", wanted.price(), found.price());
    fields.compare("currency", wanted.currency(), found.currency());
    fields.compare("status", wanted.status().text(), found.status().text());
    fields.compare("accepted_at", wanted.acceptedAt(), found.acceptedAt());
    fields.compare("pay_by", wanted.payBy(), found.payBy());
    fields.compare("paid_at", wanted.paidAt(), found.paidAt());
    fields.compare("payment_id", wanted.payment(), found.payment());
    fields.compare("released_at", wanted.releasedAt(), found.releasedAt());
    fields.compare("release_reason", wanted.releaseReason(), found.releaseReason());
    fields.compare("claim_by", wanted.claimBy(), found.claimBy());
    fields.compare("claimed_by", wanted.claimedBy(), found.claimedBy());
    fields.compare("claimed_at", wanted.claimedAt(), found.claimedAt());
    fields.compare("partition_id", ledger.partition(), row.partition());
    fields.compare("position", PartitionMap.positionOfOrder(wanted.order()), row.position());
    fields.compare("refund", ledger.firstRefund(wanted.order()), row.firstRefund());
    fields.tell("order", "order " + found.order());
  }

  /** All rows of {@code item_stock} whose items belong to this partition. */
  void stock(List<Booked.Stock> found) {
    Map<Long, Booked.Stock> open = ledger.stock();
    for (Booked.Stock row : found) {
      Booked.Stock wanted = open.remove(row.item());
      if (wanted == null && ledger.cutAway() > 0) {
        archived(row);
        continue;
      }
      if (wanted == null) {
        differences.add(
            "stock", "item " + row.item() + " is in item_stock, but not in the journal");
        continue;
      }
      Fields fields = new Fields();
      fields.compare("available", wanted.available(), row.available());
      fields.compare("held", wanted.held(), row.held());
      fields.compare("sold", wanted.sold(), row.sold());
      fields.compare("stock", wanted.stock(), row.stock());
      fields.compare("position", wanted.position(), row.position());
      fields.tell("stock", "item " + row.item());
    }
    open.values()
        .forEach(
            missing ->
                differences.add("stock", "item " + missing.item() + " has no row in item_stock"));
  }

  /** Of an item that the log no longer speaks of. */
  private void archived(Booked.Stock row) {
    if (row.held() != 0 || row.available() + row.sold() != row.stock()) {
      differences.add(
          "stock", "item " + row.item() + " is not in the journal, but not over: " + row);
    }
  }

  /** All rows of {@code sale_item} that are published in this partition. */
  void items(List<Booked.Item> found) {
    Map<Long, Booked.Item> open = new HashMap<>(ledger.items());
    for (Booked.Item row : found) {
      if (isCutAway(row.position())) {
        continue;
      }
      Booked.Item wanted = open.remove(row.item());
      if (wanted == null) {
        differences.add("item", row.item() + " is published in MySQL, but not in the journal");
        continue;
      }
      Fields fields = new Fields();
      fields.compare("definition", wanted.definition(), row.definition());
      fields.compare("published_at", wanted.at(), row.at());
      fields.compare("published_position", wanted.position(), row.position());
      fields.tell("item", "item " + row.item());
    }
    open.keySet()
        .forEach(
            id -> differences.add("item", id + " is published in the journal, but not in MySQL"));
  }

  /** All rows of {@code sale_refund} of this partition. */
  void refunds(List<Booked.Refund> found) {
    Map<Long, Booked.Refund> open = new HashMap<>(ledger.refunds());
    for (Booked.Refund row : found) {
      Booked.Refund wanted = open.remove(row.position());
      if (!row.equals(wanted) && !isCutAway(row.position())) {
        differences.add("refund", "at position " + row.position() + unequal(wanted, row));
      }
    }
    open.values().forEach(missing -> differences.add("refund", missing + " is not in sale_refund"));
  }

  /** All rows of {@code sale_claim} of this partition. */
  void claims(List<Booked.Claim> found) {
    Map<Long, Booked.Claim> open = new HashMap<>(ledger.claims());
    for (Booked.Claim row : found) {
      Booked.Claim wanted = open.remove(row.position());
      if (!row.equals(wanted) && !isCutAway(row.position())) {
        differences.add("claim", "at position " + row.position() + unequal(wanted, row));
      }
    }
    open.values().forEach(missing -> differences.add("claim", missing + " is not in sale_claim"));
  }

  /** All rows of {@code admin_audit} that came from this partition's journal. */
  void audits(List<Booked.Audit> found) {
    Map<Long, Booked.Audit> open = new HashMap<>(ledger.audits());
    for (Booked.Audit row : found) {
      Booked.Audit wanted = open.remove(row.position());
      if (!row.equals(wanted) && !isCutAway(row.position())) {
        differences.add("audit", "at position " + row.position() + unequal(wanted, row));
      }
    }
    open.values().forEach(missing -> differences.add("audit", missing + " is not in admin_audit"));
  }

  private static String unequal(@Nullable Object wanted, Object found) {
    return wanted == null
        ? ": in MySQL " + found + ", in the journal nothing of that kind"
        : ": in the journal " + wanted + ", in MySQL " + found;
  }

  /** The columns of one row that differ, told in one line. */
  private final class Fields {
    private final StringJoiner text = new StringJoiner("; ");

    void compare(String name, @Nullable Object journal, @Nullable Object mysql) {
      if (!Objects.equals(journal, mysql)) {
        text.add(name + " is " + shown(journal) + " in the journal, " + shown(mysql) + " in MySQL");
      }
    }

    void tell(String kind, String subject) {
      if (text.length() > 0) {
        differences.add(kind, subject + ": " + text);
      }
    }

    private String shown(@Nullable Object value) {
      String text = String.valueOf(value);
      return value == null || text.isEmpty() ? "nothing" : text;
    }
  }
}
