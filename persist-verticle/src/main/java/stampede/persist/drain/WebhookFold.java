package stampede.persist.drain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stampede.persist.drain.Chunk.Webhook;
import stampede.persist.webhook.WebhookKind;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.Released;

/** What the shop is to be told of a chunk's events. Used once, and only if it is told at all. */
final class WebhookFold {
  private final List<Webhook> webhooks = new ArrayList<>();
  private final Map<Long, Webhook> lastTaken = new LinkedHashMap<>();

  void apply(SaleEvent event, long position, int partition) {
    if (event instanceof Accepted e) {
      long order = PartitionMap.orderId(partition, position);
      webhooks.add(new Webhook(position, WebhookKind.ACCEPTED, order, e.at()));
      lastTaken.put(e.item(), new Webhook(position, WebhookKind.SOLD_OUT, e.item(), e.at()));
    } else if (event instanceof Claimed e) {
      webhooks.add(new Webhook(position, WebhookKind.CLAIMED, e.order(), e.at()));
    } else if (event instanceof Paid e) {
      webhooks.add(new Webhook(position, WebhookKind.PAID, e.order(), e.at()));
    } else if (event instanceof Released e) {
      webhooks.add(new Webhook(position, WebhookKind.RELEASED, e.order(), e.at()));
    } else if (event instanceof RefundDue e) {
      boolean late = e.reason() == RefundReason.LATE;
      WebhookKind kind = late ? WebhookKind.LATE_PAYMENT : WebhookKind.EXTRA_PAYMENT;
      webhooks.add(new Webhook(position, kind, e.order(), e.at()));
    }
  }

  List<Webhook> ofOrders() {
    return List.copyOf(webhooks);
  }

  /** Of every item that units were taken of; whether any are left knows the store. */
  List<Webhook> perhapsSoldOut() {
    return List.copyOf(lastTaken.values());
  }
}
