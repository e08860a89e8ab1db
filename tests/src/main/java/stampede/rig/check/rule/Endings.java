package stampede.rig.check.rule;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.LogEvent;
import stampede.rig.check.log.LogEvent.RefundDue;
import stampede.rig.check.log.LogEvent.Released;
import stampede.rig.check.log.Order;

/**
 * How orders end, as told and as booked. S2: what was told of a payment, a cancellation or an order
 * is in the log. S9: a payment counts once over all partitions, and neither payments nor
 * cancellations come from nowhere.
 */
public final class Endings {
  private final Evidence evidence;
  private final Map<String, Integer> partitionsOfPayments = new HashMap<>();
  private final Set<String> sentPayments = new HashSet<>();
  private final Set<String> sentCancels = new HashSet<>();
  private long told;

  private Endings(Evidence evidence) {
    this.evidence = evidence;
  }

  public static void check(Evidence evidence) {
    Endings rule = new Endings(evidence);
    for (ClientEvent event : evidence.run.seen().events()) {
      if (event.isSent("pay")) {
        rule.sentPayments.add(event.order() + " " + event.payment());
      } else if (event.isSent("cancel")) {
        rule.sentCancels.add(event.order() + " " + event.user());
      } else if (event.kind() == ClientEvent.Kind.ANSWER) {
        rule.heard(event);
      }
    }
    evidence.books().forEach(rule::checkBooked);
    evidence.findings.checked("told of endings", rule.told);
  }

  private void heard(ClientEvent event) {
    boolean isEnding = event.what().matches("pay|cancel|order") && event.order() != 0;
    if (!isEnding) {
      return;
    }
    Order order = evidence.order(event.order());
    if (event.status().isEmpty()) {
      if (event.code().equals("unknown_order") && order != null) {
        refused(event, order);
      }
      return;
    }
    told++;
    if (order == null && evidence.hasForgottenOrder(event.order())) {
      return;
    }
    if (order == null) {
      found("S2", event, "told " + event.status() + " of an order that no log has");
    } else if (!holds(event, order)) {
      found("S2", event, "told " + event.status() + ", which the log does not say");
    }
  }

  private static boolean holds(ClientEvent event, Order order) {
    return switch (event.status()) {
      case "late_payment", "extra_payment" ->
          order.refunds().stream().anyMatch(due -> isSame(event, due));
      case "paid" ->
          order.ending() instanceof LogEvent.Paid paid
              && (event.payment().isEmpty() || paid.payment().equals(event.payment()));
      case "released" -> order.ending() instanceof Released;
      case "held" -> event.what().equals("order");
      default -> false;
    };
  }

  private static boolean isSame(ClientEvent event, RefundDue due) {
    return due.reason().equals(event.status())
        && (event.payment().isEmpty() || due.payment().equals(event.payment()));
  }

  private void refused(ClientEvent event, Order order) {
    KeyStory story = evidence.stories.of(order.key());
    boolean isTold = story != null && story.acceptedAt < event.at();
    boolean isOwn = event.what().equals("pay") || order.accepted().user().equals(event.user());
    if (isTold && isOwn && !evidence.faults.mayBeStale(order.partition(), event.at())) {
      found("S2", event, "told that the order is unknown after it was accepted");
    }
  }

  private void checkBooked(Books books) {
    for (Map.Entry<String, LogEvent> each : books.payments().entrySet()) {
      LogEvent event = each.getValue();
      long order = orderOf(event);
      Integer earlier = partitionsOfPayments.putIfAbsent(each.getKey(), books.partition());
      if (earlier != null) {
        String problem = "payment " + each.getKey() + " counts in partition " + earlier + " too";
        evidence.findings.add("S9", books.partition(), event.position(), "", problem);
      }
      if (!sentPayments.contains(order + " " + each.getKey())) {
        String problem = "payment " + each.getKey() + " of order " + order + " was never sent";
        evidence.findings.add("S9", books.partition(), event.position(), "", problem);
      }
    }
    books.orders().forEach(this::checkCancelled);
  }

  private static long orderOf(LogEvent event) {
    return event instanceof LogEvent.Paid paid ? paid.order() : ((RefundDue) event).order();
  }

  private void checkCancelled(Order order) {
    boolean isFromNowhere =
        order.ending() instanceof Released released
            && released.reason().equals("cancelled")
            && sentCancels.stream().noneMatch(sent -> isBy(order, sent));
    if (isFromNowhere) {
      String problem = "order " + order.id() + " is cancelled, its user never asked for that";
      long position = order.ending().position();
      evidence.findings.add("S9", order.partition(), position, order.key().toString(), problem);
    }
  }

  private static boolean isBy(Order order, String sent) {
    String id = order.id() + " ";
    return sent.startsWith(id) && order.isOf(sent.substring(id.length()));
  }

  private void found(String rule, ClientEvent event, String problem) {
    String order = "order " + Long.toUnsignedString(event.order()) + ": ";
    int partition = Order.partitionOf(event.order());
    evidence.findings.add(rule, partition, -1, event.user(), order + problem);
  }
}
