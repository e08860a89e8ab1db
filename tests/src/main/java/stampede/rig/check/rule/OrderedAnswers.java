package stampede.rig.check.rule;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Key;

/**
 * S8: what was heard before something is sent is known to the one who answers it: the answer's
 * position is not below any heard before. S5: once accepted, whoever asks again is told that order.
 *
 * <p>An answer is taken to be to the oldest frame of its key that may still be under way, on any
 * connection: the kindest reading. A refusal by a suspended owner's old log is counted apart.
 */
public final class OrderedAnswers {
  /** A frame under way, and the highest position heard before it left. */
  private record Open(String client, long at, long floor) {}

  private final Evidence evidence;
  private final Map<Integer, Long> heard = new HashMap<>();
  private final Map<Key, ArrayDeque<Open>> open = new HashMap<>();
  private long checked;
  private long stale;

  private OrderedAnswers(Evidence evidence) {
    this.evidence = evidence;
  }

  public static void check(Evidence evidence) {
    OrderedAnswers rule = new OrderedAnswers(evidence);
    for (ClientEvent event : evidence.run.seen().events()) {
      int partition = evidence.partitionOfItem(event.item());
      if (partition >= 0) {
        rule.take(event, partition);
      }
    }
    evidence.findings.checked("answers in order", rule.checked);
    evidence.findings.checked("refusals by suspended owners", rule.stale);
  }

  private void take(ClientEvent event, int partition) {
    Key key = new Key(event.user(), event.item(), event.key());
    if (event.isSent("shake") || event.isSent("result")) {
      long floor = heard.getOrDefault(partition, 0L);
      open.computeIfAbsent(key, k -> new ArrayDeque<>(2))
          .addLast(new Open(event.client(), event.at(), floor));
    } else if (event.isByOwner()) {
      answered(event, key, partition);
    } else if (event.isAboutAttempt() && open.containsKey(key)) {
      remove(key, open.get(key).descendingIterator(), event.client()); // leaves the kinder one
    }
  }

  private void answered(ClientEvent told, Key key, int partition) {
    ArrayDeque<Open> frames = open.get(key);
    if (frames != null) {
      Open oldest = frames.getFirst();
      checked++;
      if (told.position() < oldest.floor) {
        String problem =
            told.outcome() + ", position " + oldest.floor + " was heard before it was sent";
        refuse("S8", told, key, partition, problem);
      }
      KeyStory story = evidence.stories.of(key);
      boolean isReuse = told.code().equals("key_reused");
      if (story != null && story.acceptedAt < oldest.at && !told.isAccepted() && !isReuse) {
        refuse("S5", told, key, partition, told.outcome() + ", it was accepted before it was sent");
      }
      remove(key, frames.iterator(), told.client());
    }
    heard.merge(partition, told.position(), Math::max);
  }

  private void refuse(String rule, ClientEvent told, Key key, int partition, String problem) {
    if (!told.isAccepted() && evidence.faults.mayBeStale(partition, told.at())) {
      stale++;
    } else {
      evidence.findings.add(rule, partition, told.position(), key.toString(), problem);
    }
  }

  private void remove(Key key, Iterator<Open> frames, String client) {
    while (frames.hasNext()) {
      if (frames.next().client.equals(client)) {
        frames.remove();
        break;
      }
    }
    if (open.get(key).isEmpty()) {
      open.remove(key);
    }
  }
}
