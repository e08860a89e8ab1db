package stampede.rig.check.rule;

import java.util.Set;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Key;
import stampede.rig.check.log.Order;

/**
 * S12: what reaches a connection is about its own user's keys and orders, and of a kind that
 * shoppers are told.
 */
public final class Privacy {
  private static final Set<String> FOR_SHOPPERS =
      Set.of(
          "welcome", "outcome", "queued", "item", "order", "notice", "pong", "error", "pay",
          "cancel");

  private Privacy() {}

  public static void check(Evidence evidence) {
    for (ClientEvent event : evidence.run.seen().events()) {
      if (event.kind() == ClientEvent.Kind.ANSWER) {
        check(event, evidence);
      }
    }
  }

  private static void check(ClientEvent event, Evidence evidence) {
    if (!FOR_SHOPPERS.contains(event.what())) {
      found(event, "a frame of type '" + event.what() + "' at a shopper's connection", evidence);
    } else if (event.what().equals("welcome")) {
      if (!event.key().equals(event.user())) {
        found(event, "welcomed as " + event.key(), evidence);
      }
    } else if (event.what().equals("outcome") || event.what().equals("queued")) {
      checkKey(event, evidence);
    }
    if (event.order() != 0 && !event.what().equals("pay")) {
      checkOrder(event, evidence);
    }
  }

  private static void checkKey(ClientEvent event, Evidence evidence) {
    if (event.item() == 0 || event.key().isEmpty()) {
      return; // a problem that names no key
    }
    KeyStory story = evidence.stories.of(new Key(event.user(), event.item(), event.key()));
    if (story == null || story.firstMentionAt > event.at()) {
      found(event, "told of a key that this user had not sent", evidence);
    }
  }

  private static void checkOrder(ClientEvent event, Evidence evidence) {
    Order order = evidence.order(event.order());
    if (order != null && !order.isOf(event.user())) {
      found(event, "told of order " + event.order() + " of " + order.accepted().user(), evidence);
    }
  }

  private static void found(ClientEvent event, String problem, Evidence evidence) {
    String key =
        event.key().isEmpty()
            ? event.user()
            : new Key(event.user(), event.item(), event.key()).toString();
    int partition = evidence.partitionOfItem(event.item());
    String where = problem + ", at connection " + event.client();
    evidence.findings.add("S12", partition, event.position(), key, where);
  }
}
