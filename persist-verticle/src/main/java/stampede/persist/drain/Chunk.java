package stampede.persist.drain;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.persist.webhook.WebhookKind;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;

/**
 * What whole journal entries change in the store. An order that was accepted and later paid or
 * released in the same chunk is one new order in its final state.
 *
 * @param end the cursor once this is in
 * @param published items that went on sale, with their stock after the chunk
 * @param orders new ones
 * @param paid of orders of earlier chunks
 * @param released of orders of earlier chunks
 * @param claims all claims; those of earlier chunks' orders have {@code newOrder} false
 * @param refunds all refunds due; those of earlier chunks' orders have {@code newOrder} false
 * @param stock changes of items published in earlier chunks
 * @param webhooks of orders, by position; none if the shop is not told
 * @param perhapsSoldOut to be told if the item has nothing left once the chunk is in
 */
public record Chunk(
    int partition,
    Cursor end,
    List<Published> published,
    List<NewOrder> orders,
    List<Paid> paid,
    List<Released> released,
    List<Claim> claims,
    List<Refund> refunds,
    List<StockChange> stock,
    List<Audit> audits,
    List<Webhook> webhooks,
    List<Webhook> perhapsSoldOut) {
  /** Events in a chunk of more than one entry. */
  public static final int EVENTS_MAX = 1_000;

  /** Payload bytes in a chunk of more than one entry. */
  public static final int BYTES_MAX = 1 << 20;

  /** Of a shop that is told nothing. */
  public Chunk(
      int partition,
      Cursor end,
      List<Published> published,
      List<NewOrder> orders,
      List<Paid> paid,
      List<Released> released,
      List<Claim> claims,
      List<Refund> refunds,
      List<StockChange> stock,
      List<Audit> audits) {
    this(
        partition, end, published, orders, paid, released, claims, refunds, stock, audits,
        List.of(), List.of());
  }

  public record Published(SaleItem item, long position, long at, StockChange stock) {}

  /** {@code refund}: the first one due, if any. */
  public record NewOrder(OrderFact fact, @Nullable Refund refund) {}

  public record Paid(long order, Bytes payment, long at) {}

  public record Released(long order, String reason, long at) {}

  public record Claim(long order, Bytes user, long at, long position, boolean newOrder) {}

  public record Refund(
      long order, Bytes payment, String reason, long at, long position, boolean newOrder) {}

  /** Units to add to each column; {@code position} of the last event that did. */
  public record StockChange(
      long item, long available, long held, long sold, long stock, long position) {}

  /** {@code user}: whom a block is about, else empty. {@code subject}: what else, as text. */
  public record Audit(
      long position,
      long at,
      String by,
      String action,
      String subject,
      Bytes user,
      String reason,
      Bytes key,
      String before,
      String after) {}

  /** Something the shop is told; {@code subject}: the order, or the item that is sold out. */
  public record Webhook(long position, WebhookKind kind, long subject, long at) {}

  /** Rows to insert or change, stock and cursor apart. */
  int rows() {
    return published.size()
        + orders.size()
        + paid.size()
        + released.size()
        + claims.size()
        + refunds.size()
        + audits.size();
  }

  /**
   * The meaning of contiguous {@code entries}.
   *
   * @param items definitions of items published earlier
   * @throws CorruptRecord if the events can't have come from an owner: damaged bytes, an order of
   *     an unknown item, an order that ends twice
   */
  public static Chunk of(int partition, List<JournalEntry> entries, Map<Long, SaleItem> items) {
    return of(partition, entries, items, false);
  }

  /** The same; with {@code webhooks} also what the shop is told. */
  public static Chunk of(
      int partition, List<JournalEntry> entries, Map<Long, SaleItem> items, boolean webhooks) {
    ChunkFold fold = new ChunkFold(partition, items, webhooks);
    for (JournalEntry entry : entries) {
      long position = entry.first();
      for (SaleEvent event : entry.events()) {
        fold.apply(event, position++);
      }
    }
    return fold.chunk(Cursor.after(entries.get(entries.size() - 1)));
  }
}
