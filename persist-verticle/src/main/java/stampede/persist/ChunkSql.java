package stampede.persist;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.Chunk.Audit;
import stampede.persist.drain.Chunk.Claim;
import stampede.persist.drain.Chunk.NewOrder;
import stampede.persist.drain.Chunk.Published;
import stampede.persist.drain.Chunk.Refund;
import stampede.persist.drain.Chunk.StockChange;
import stampede.persist.drain.Chunk.Webhook;
import stampede.persist.drain.Cursor;
import stampede.persist.webhook.WebhookKind;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;

/**
 * A chunk as SQL: a few statements for many rows, all sent together. Literals are numbers, words of
 * our own, hexadecimal, and ids of letters and digits ({@link SqlText}); nothing that came from a
 * shopper or an operator can end a literal.
 */
final class ChunkSql {
  /** A statement and how many rows it must touch; −1 = any number. */
  record Statement(String sql, int rows, String what) {}

  private ChunkSql() {}

  /** Rows that no earlier chunk has to do with: most of the work. */
  static List<Statement> rows(Chunk chunk) {
    List<Statement> all = new ArrayList<>();
    orders(chunk, all);
    webhooks(chunk, all);
    return all;
  }

  /**
   * What comes after {@link #rows} and needs the chunks before this one; the cursor is the last.
   */
  static List<Statement> rest(Chunk chunk, Cursor expected) {
    List<Statement> all = new ArrayList<>();
    published(chunk, all);
    claims(chunk, all); // a released order can't be claimed, so before they are
    endings(chunk, all);
    refunds(chunk, all);
    stock(chunk.stock(), all);
    audits(chunk, all);
    soldOut(chunk, all);
    all.add(cursor(chunk, expected));
    return all;
  }

  private static void published(Chunk chunk, List<Statement> all) {
    if (chunk.published().isEmpty()) {
      return;
    }
    String items =
        Sql.ITEM_PUBLISH_HEAD
            + values(chunk.published(), (row, p) -> item(row, chunk.partition(), p))
            + Sql.ITEM_PUBLISH_TAIL;
    all.add(new Statement(items, -1, "items"));
    String stock =
        Sql.STOCK_INSERT_HEAD + values(chunk.published(), (row, p) -> stockColumns(row, p.stock()));
    all.add(new Statement(stock, chunk.published().size(), "stock of new items"));
  }

  private static void item(SqlText row, int partition, Published published) {
    SaleItem item = published.item();
    row.number(item.item())
        .number(item.session())
        .number(partition)
        .text(item.title())
        .number(item.price())
        .number(item.listPrice())
        .text(item.currency())
        .number(item.opensAt())
        .number(item.closesAt())
        .number(item.stock())
        .number(item.limitPerUser())
        .number(item.payWithinMs())
        .number(item.cooldownMs())
        .number(item.gate())
        .text(ItemRows.releasesJson(item))
        .number(item.limitPerOrder())
        .number(item.limitPerSession())
        .number(item.claimWithinMs())
        .number(published.at())
        .number(published.position());
  }

  private static void stockColumns(SqlText row, StockChange stock) {
    row.number(stock.item())
        .number(stock.available())
        .number(stock.held())
        .number(stock.sold())
        .number(stock.stock())
        .number(stock.position());
  }

  private static void orders(Chunk chunk, List<Statement> all) {
    List<NewOrder> held = new ArrayList<>(chunk.orders().size());
    List<NewOrder> others = new ArrayList<>();
    chunk.orders().forEach(order -> (isOnlyHeld(order) ? held : others).add(order));
    if (!held.isEmpty()) {
      String sql = Sql.HELD_ORDER_INSERT_HEAD + values(held, ChunkSql::heldOrder);
      all.add(new Statement(sql, held.size(), "new orders"));
    }
    if (!others.isEmpty()) {
      String sql = Sql.ORDER_INSERT_HEAD + values(others, ChunkSql::order);
      all.add(new Statement(sql, others.size(), "new orders"));
    }
  }

  private static boolean isOnlyHeld(NewOrder order) {
    OrderFact fact = order.fact();
    boolean ofUser = fact.claimBy() == 0 && fact.claimedBy().isEmpty();
    return ofUser && fact.status() == OrderStatus.HELD && order.refund() == null;
  }

  private static void heldOrder(SqlText row, NewOrder order) {
    accepted(row, order.fact());
    place(row, order.fact());
  }

  private static void order(SqlText row, NewOrder order) {
    OrderFact fact = order.fact();
    accepted(row, fact);
    row.numberOrNull(fact.paidAt())
        .bytesOrNull(fact.payment())
        .numberOrNull(fact.releasedAt())
        .textOrNull(fact.releaseReason());
    Refund refund = order.refund();
    if (refund == null) {
      row.nothing().nothing().nothing();
    } else {
      row.bytes(refund.payment()).text(refund.reason()).number(refund.at());
    }
    row.numberOrNull(fact.claimBy()).bytesOrNull(fact.claimedBy()).numberOrNull(fact.claimedAt());
    place(row, fact);
  }

  private static void accepted(SqlText row, OrderFact fact) {
    row.number(fact.order())
        .number(fact.item())
        .bytes(fact.user())
        .bytes(fact.key())
        .number(fact.quantity())
        .number(fact.price())
        .text(fact.currency())
        .word(fact.status().text())
        .number(fact.acceptedAt())
        .number(fact.payBy());
  }

  private static void place(SqlText row, OrderFact fact) {
    row.number(PartitionMap.partitionOfOrder(fact.order()))
        .number(PartitionMap.positionOfOrder(fact.order()));
  }

  private static void claims(Chunk chunk, List<Statement> all) {
    if (chunk.claims().isEmpty()) {
      return;
    }
    String sql =
        Sql.CLAIM_INSERT_HEAD
            + values(
                chunk.claims(),
                (row, c) ->
                    row.number(c.order())
                        .bytes(c.user())
                        .number(c.at())
                        .number(chunk.partition())
                        .number(c.position()));
    all.add(new Statement(sql, chunk.claims().size(), "claims"));
    List<Claim> earlier = chunk.claims().stream().filter(c -> !c.newOrder()).toList();
    if (!earlier.isEmpty()) {
      String rows =
          selects(
              List.of("order_id", "claimed_by", "at"),
              earlier,
              (row, c) -> row.number(c.order()).bytes(c.user()).number(c.at()));
      all.add(new Statement(Sql.ORDERS_CLAIMED.formatted(rows), earlier.size(), "orders to claim"));
    }
  }

  private static void endings(Chunk chunk, List<Statement> all) {
    if (!chunk.paid().isEmpty()) {
      String rows =
          selects(
              List.of("order_id", "payment_id", "at"),
              chunk.paid(),
              (row, p) -> row.number(p.order()).bytes(p.payment()).number(p.at()));
      all.add(
          new Statement(
              Sql.ORDERS_PAID.formatted(rows), chunk.paid().size(), "held orders to pay"));
    }
    if (!chunk.released().isEmpty()) {
      String rows =
          selects(
              List.of("order_id", "reason", "at"),
              chunk.released(),
              (row, r) -> row.number(r.order()).text(r.reason()).number(r.at()));
      all.add(
          new Statement(
              Sql.ORDERS_RELEASED.formatted(rows),
              chunk.released().size(),
              "held orders to release"));
    }
  }

  private static void refunds(Chunk chunk, List<Statement> all) {
    if (chunk.refunds().isEmpty()) {
      return;
    }
    String sql =
        Sql.REFUND_INSERT_HEAD
            + values(
                chunk.refunds(),
                (row, r) ->
                    row.number(r.order())
                        .bytes(r.payment())
                        .text(r.reason())
                        .number(r.at())
                        .number(chunk.partition())
                        .number(r.position()));
    all.add(new Statement(sql, chunk.refunds().size(), "refunds"));
    List<Refund> firsts = firstsOfEarlierOrders(chunk.refunds());
    if (!firsts.isEmpty()) {
      String rows =
          selects(
              List.of("order_id", "payment_id", "reason", "at"),
              firsts,
              (row, r) -> row.number(r.order()).bytes(r.payment()).text(r.reason()).number(r.at()));
      all.add(
          new Statement(Sql.ORDERS_REFUNDED.formatted(rows), firsts.size(), "orders to refund"));
    }
  }

  private static List<Refund> firstsOfEarlierOrders(List<Refund> refunds) {
    List<Refund> firsts = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (Refund refund : refunds) {
      if (!refund.newOrder() && seen.add(refund.order())) {
        firsts.add(refund);
      }
    }
    return firsts;
  }

  private static void stock(List<StockChange> changes, List<Statement> all) {
    if (changes.size() == 1) {
      StockChange only = changes.get(0);
      String sql =
          Sql.STOCK_OF_ONE_MOVED.formatted(
              only.available(),
              only.held(),
              only.sold(),
              only.stock(),
              only.position(),
              only.item());
      all.add(new Statement(sql, 1, "stock of items"));
    } else if (!changes.isEmpty()) {
      List<String> columns = List.of("item_id", "available", "held", "sold", "stock", "position");
      String rows = selects(columns, changes, ChunkSql::stockColumns);
      all.add(new Statement(Sql.STOCK_MOVED.formatted(rows), changes.size(), "stock of items"));
    }
  }

  private static void audits(Chunk chunk, List<Statement> all) {
    if (!chunk.audits().isEmpty()) {
      String sql =
          Sql.AUDIT_INSERT_HEAD
              + values(chunk.audits(), (row, audit) -> audit(row, chunk.partition(), audit));
      all.add(new Statement(sql, chunk.audits().size(), "audit rows"));
    }
  }

  private static void audit(SqlText row, int partition, Audit audit) {
    row.number(audit.at())
        .text(audit.by())
        .text(audit.action())
        .text(audit.subject())
        .bytesOrNull(audit.user())
        .text(audit.reason())
        .bytesOrNull(audit.key())
        .text(audit.before())
        .text(audit.after())
        .number(partition)
        .number(audit.position());
  }

  /** Those of new orders say nothing that is not in the orders: the server copies it. */
  private static void webhooks(Chunk chunk, List<Statement> all) {
    List<Webhook> accepted = new ArrayList<>(chunk.webhooks().size());
    List<Webhook> others = new ArrayList<>();
    for (Webhook each : chunk.webhooks()) {
      (each.kind() == WebhookKind.ACCEPTED ? accepted : others).add(each);
    }
    if (!accepted.isEmpty()) {
      long first = accepted.get(0).subject();
      long last = accepted.get(accepted.size() - 1).subject();
      String sql = Sql.WEBHOOKS_OF_ORDERS.formatted(first, last);
      all.add(new Statement(sql, accepted.size(), "webhooks of new orders"));
    }
    if (!others.isEmpty()) {
      String sql =
          Sql.WEBHOOK_INSERT_HEAD
              + values(others, (row, webhook) -> webhook(row, chunk.partition(), webhook));
      all.add(new Statement(sql, others.size(), "webhooks"));
    }
  }

  /** After the stock: what is sold out shows there. */
  private static void soldOut(Chunk chunk, List<Statement> all) {
    if (!chunk.perhapsSoldOut().isEmpty()) {
      List<String> columns = List.of("partition_id", "line", "kind", "subject_id", "at");
      String rows =
          selects(
              columns,
              chunk.perhapsSoldOut(),
              (row, webhook) -> webhook(row, chunk.partition(), webhook));
      all.add(
          new Statement(Sql.WEBHOOK_SOLD_OUT.formatted(rows), -1, "webhooks of sold-out items"));
    }
  }

  private static void webhook(SqlText row, int partition, Webhook webhook) {
    row.number(partition)
        .number(webhook.kind().line(webhook.position()))
        .word(webhook.kind().text())
        .number(webhook.subject())
        .number(webhook.at());
  }

  private static Statement cursor(Chunk chunk, Cursor expected) {
    Cursor end = chunk.end();
    String sql =
        Sql.CURSOR_FORWARD.formatted(
            end.position(),
            Long.toUnsignedString(end.batch()),
            end.first(),
            chunk.partition(),
            expected.position());
    return new Statement(sql, 1, "cursor");
  }

  /** {@code (…), (…)}. */
  private static <T> String values(List<T> rows, BiConsumer<SqlText, T> columns) {
    SqlText text = new SqlText(rows.size() * 192);
    for (T row : rows) {
      text.open("(");
      columns.accept(text, row);
      text.close(")");
    }
    return text.toString();
  }

  /**
   * {@code SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4}: rows to join with, in words that MySQL and
   * MariaDB share.
   */
  private static <T> String selects(
      List<String> names, List<T> rows, BiConsumer<SqlText, T> columns) {
    SqlText text = new SqlText(rows.size() * 96);
    text.columns(names);
    for (T row : rows) {
      text.open("SELECT ");
      columns.accept(text, row);
      text.close("");
    }
    return text.toString();
  }
}
