package stampede.rig.check.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Key;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.Item;
import stampede.rig.check.log.Order;
import stampede.rig.check.log.PartitionLog;

/**
 * Every owner-made answer about a key is held against the books at the position it names. S2: an
 * accept is in the log, as told. S4: all accepts of a key name one order. S5: a key that has its
 * order is told nothing else. S8: a refusal is true there.
 */
public final class ToldAtPosition {
  private final Evidence evidence;
  private final Map<Integer, List<Books.Claim>> claims = new TreeMap<>();

  private ToldAtPosition(Evidence evidence) {
    this.evidence = evidence;
  }

  /** What is to be checked on the way through the logs, by partition. */
  public static Map<Integer, List<Books.Claim>> claims(Evidence evidence) {
    ToldAtPosition all = new ToldAtPosition(evidence);
    long answers = 0;
    for (ClientEvent event : evidence.run.seen().events()) {
      if (event.isByOwner() || event.isAccepted()) {
        all.take(event);
        answers++;
      }
    }
    evidence.findings.checked("answers by owners", answers);
    return all.claims;
  }

  private void take(ClientEvent told) {
    Key key = new Key(told.user(), told.item(), told.key());
    KeyStory story = evidence.stories.of(key);
    int partition = evidence.partitionOfItem(told.item());
    if (story != null && told.isAccepted() && told.order() != story.acceptedOrder) {
      String problem = "accepted as order " + told.order() + " and as " + story.acceptedOrder;
      evidence.findings.add("S4", partition, told.position(), key.toString(), problem);
    }
    PartitionLog log = evidence.logs.get(partition);
    if (log == null) {
      checkUnpublished(told, key);
      return;
    }
    if (told.position() < 0) {
      found("S8", partition, told, key, "accepted without a position");
    } else if (told.position() > log.end()) {
      String rule = told.isAccepted() ? "S2" : "S8";
      found(
          rule, partition, told, key, "told " + told.outcome() + ", the log ends at " + log.end());
    }
    claims.computeIfAbsent(partition, p -> new ArrayList<>()).add(new Told(told, key, story));
  }

  private void checkUnpublished(ClientEvent told, Key key) {
    boolean fits =
        told.outcome().equals("unknown")
            || told.outcome().equals("invalid") && told.code().equals("unknown_item");
    if (!fits) {
      String rule = told.isAccepted() ? "S2" : "S8";
      found(rule, -1, told, key, "told " + told.outcome() + " of an item that no log has");
    }
  }

  private void found(String rule, int partition, ClientEvent told, Key key, String problem) {
    evidence.findings.add(rule, partition, told.position(), key.toString(), problem);
  }

  private final class Told implements Books.Claim {
    private final ClientEvent told;
    private final Key key;
    private final @Nullable KeyStory story;

    Told(ClientEvent told, Key key, @Nullable KeyStory story) {
      this.told = told;
      this.key = key;
      this.story = story;
    }

    @Override
    public long position() {
      return told.position() < 0 ? Long.MAX_VALUE : told.position();
    }

    @Override
    public void check(Books books) {
      if (books.hasForgottenItem(told.item())) {
        return; // archived since: the log has been cut
      }
      Order order = books.order(key);
      if (told.isAccepted()) {
        checkAccepted(books, order);
      } else if (order != null) {
        checkBound(books, order);
      } else {
        checkRefusal(books);
      }
    }

    private void checkAccepted(Books books, @Nullable Order order) {
      if (order == null) {
        problem("S2", books, "told accepted as " + told.order() + ", the log has no order there");
      } else if (order.id() != told.order()) {
        problem("S2", books, "told order " + told.order() + ", the log has " + order.id());
      } else if (order.accepted().payBy() != told.payBy()) {
        problem("S2", books, "told payBy " + told.payBy() + ", not " + order.accepted().payBy());
      } else if (!order.statusAt(position()).equals(told.status())) {
        problem("S2", books, "told " + told.status() + ", it was " + order.statusAt(position()));
      }
    }

    private void checkBound(Books books, Order order) {
      boolean reused =
          told.outcome().equals("invalid")
              && told.code().equals("key_reused")
              && story != null
              && !(story.hasOneQuantity() && story.wasSent(order.accepted().quantity()));
      if (!reused) {
        problem("S5", books, "told " + told.outcome() + ", the key has its order " + order.id());
      }
    }

    private void checkRefusal(Books books) {
      Item item = books.item(told.item());
      if (story == null) {
        return; // not this user's key: S12 says so
      }
      int units = story.mostUnits();
      if (item == null) {
        checkUnpublished(told, key);
      } else if (!isTrue(item, units, books)) {
        problem(
            "S8", books, "told " + told.outcome() + " " + told.code() + ", not true of " + item);
      }
    }

    private boolean isTrue(Item item, int units, Books books) {
      return switch (told.outcome()) {
        case "sold_out" -> item.isOpen() && item.available() < units;
        case "limit_reached" ->
            item.unitsOf(told.user()) + units > item.published().limitPerUser()
                || books.isAboveSession(item, told.user(), units);
        case "ended" -> item.isEnded();
        case "paused" -> item.isPaused();
        case "unknown" -> true; // nothing is bound: that is all it says
        case "not_open" -> !item.isOpen();
        case "blocked" -> books.isBlocked(told.user());
        case "invalid" -> !told.code().equals("key_reused") && !told.code().equals("unknown_item");
        default -> false;
      };
    }

    private void problem(String rule, Books books, String problem) {
      found(rule, books.partition(), told, key, problem);
    }
  }
}
