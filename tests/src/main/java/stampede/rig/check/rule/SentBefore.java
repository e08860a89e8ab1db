package stampede.rig.check.rule;

import stampede.rig.check.Chronicle;
import stampede.rig.check.Key;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.Order;

/**
 * S3: every order matches a shake, of the same quantity, sent before it was accepted. S5: a key of
 * which every frame was answered with "not passed on" has no order. L5: a key whose last frame has
 * no answer was asked for, and that was answered.
 */
public final class SentBefore {
  /** How far the clocks of Redis and of the clients' machine may be apart. */
  private static final long CLOCKS_APART_MS_MAX = 500;

  private SentBefore() {}

  public static void check(Evidence evidence) {
    long orders = 0;
    for (Books books : evidence.books()) {
      for (Order order : books.orders()) {
        check(order, evidence);
        orders++;
      }
    }
    evidence.findings.checked("orders", orders);
    for (Key key : evidence.stories.open()) {
      int partition = evidence.partitionOfItem(key.item());
      evidence.findings.add("L5", partition, -1, key.toString(), "no answer, nor to asking for it");
    }
  }

  private static void check(Order order, Evidence evidence) {
    KeyStory story = evidence.stories.of(order.key());
    if (story == null || story.shakes == 0) {
      found("S3", order, "an order for a shake that nobody sent", evidence);
    } else if (!story.wasSent(order.accepted().quantity())) {
      found("S3", order, "no shake asked for " + order.accepted().quantity(), evidence);
    } else {
      checkTime(order, story, evidence);
    }
    if (story != null && story.leavesNothing()) {
      String problem = "none of its " + story.shakes + " frames was passed on, so it was told";
      found("S5", order, problem, evidence);
    }
  }

  private static void checkTime(Order order, KeyStory story, Evidence evidence) {
    Chronicle seen = evidence.run.seen();
    if (seen.marks().isEmpty()) {
      return;
    }
    long sentMs = seen.wallMs(story.firstSentAt);
    if (order.accepted().at() < sentMs - CLOCKS_APART_MS_MAX) {
      long earlyMs = sentMs - order.accepted().at();
      found("S3", order, "accepted " + earlyMs + " ms before its first shake was sent", evidence);
    }
  }

  private static void found(String rule, Order order, String problem, Evidence evidence) {
    evidence.findings.add(
        rule, order.partition(), order.accepted().position(), order.key().toString(), problem);
  }
}
