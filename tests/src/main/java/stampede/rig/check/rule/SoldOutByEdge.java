package stampede.rig.check.rule;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Key;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.Item;
import stampede.rig.check.log.LogEvent;
import stampede.rig.check.log.Order;

/**
 * An edge says {@code sold_out} of an attempt, by itself. S8: it was, at most a second before the
 * frame was sent or while it was under way. S5: at such a moment the user had no order of the item.
 *
 * <p>The log's times are those of Redis and a frame's those of the clients' machine: what they may
 * be apart is granted on both sides. What an edge may know of a suspended owner is counted apart.
 */
public final class SoldOutByEdge {
  private static final long AGE_MS_MAX = 1_000;
  private static final long CLOCKS_APART_MS_MAX = 500;

  private record Frame(String client, Key key) {}

  private record Buyer(String user, long item) {}

  private final Evidence evidence;
  private final Map<Frame, Long> sentAt = new HashMap<>();
  private final Map<Buyer, Long> firstOrderMs = new HashMap<>();
  private final Map<Long, Item> items = new HashMap<>();
  private long stale;

  private SoldOutByEdge(Evidence evidence) {
    this.evidence = evidence;
    for (Books books : evidence.books()) {
      books.items().forEach(item -> items.put(item.published().item(), item));
      for (Order order : books.orders()) {
        Buyer buyer = new Buyer(order.accepted().user(), order.accepted().item());
        firstOrderMs.merge(buyer, order.accepted().at(), Math::min);
        LogEvent.Claimed claim = order.claim();
        if (claim != null) {
          Buyer claimant = new Buyer(claim.user(), claim.item());
          firstOrderMs.merge(claimant, claim.at(), Math::min);
        }
      }
    }
  }

  public static void check(Evidence evidence) {
    SoldOutByEdge rule = new SoldOutByEdge(evidence);
    long checked = 0;
    for (ClientEvent event : evidence.run.seen().events()) {
      Key key = new Key(event.user(), event.item(), event.key());
      if (event.isSent("shake")) {
        rule.sentAt.put(new Frame(event.client(), key), event.at());
      } else if (event.isAboutAttempt() && event.outcome().equals("sold_out")) {
        checked++;
        rule.check(event, key);
      }
    }
    evidence.findings.checked("sold out, said by edges", checked);
    evidence.findings.checked("sold out, said for suspended owners", rule.stale);
  }

  private void check(ClientEvent told, Key key) {
    if (evidence.run.seen().marks().isEmpty()) {
      return;
    }
    long sent = sentAt.getOrDefault(new Frame(told.client(), key), told.at());
    long fromMs = evidence.run.seen().wallMs(sent) - AGE_MS_MAX - CLOCKS_APART_MS_MAX;
    long toMs = evidence.run.seen().wallMs(told.at()) + CLOCKS_APART_MS_MAX;
    Item item = items.get(told.item());
    Long orderMs = firstOrderMs.get(new Buyer(told.user(), told.item()));
    if (item == null && evidence.isCut()) {
      return;
    }
    if (item == null || !item.wasSoldOut(fromMs, toMs)) {
      found("S8", told, key, item, "an edge said sold_out, and it was not");
    } else if (orderMs != null && !item.wasSoldOut(fromMs, Math.min(toMs, orderMs))) {
      found("S5", told, key, item, "an edge said sold_out to a user with an order");
    }
  }

  private void found(String rule, ClientEvent told, Key key, @Nullable Item item, String problem) {
    int partition = evidence.partitionOfItem(told.item());
    if (evidence.faults.mayBeStale(partition, told.at())) {
      stale++;
      return;
    }
    String of = item == null ? ", of no item of any log" : ", of " + item;
    evidence.findings.add(rule, partition, -1, key.toString(), problem + of);
  }
}
