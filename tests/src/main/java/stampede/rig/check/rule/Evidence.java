package stampede.rig.check.rule;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.Findings;
import stampede.rig.check.Run;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.LogEvent;
import stampede.rig.check.log.Order;
import stampede.rig.check.log.PartitionLog;

/** What every rule works on: the run, and what was made of it so far. */
public final class Evidence {
  final Run run;
  final Findings findings;
  final Map<Integer, PartitionLog> logs;
  final KeyStories stories;
  final Faults faults;
  private final Map<Integer, Books> books = new HashMap<>();
  private final Map<Long, Integer> partitionsOfItems = new HashMap<>();

  public Evidence(Run run, Map<Integer, PartitionLog> logs, Findings findings) {
    this.run = run;
    this.findings = findings;
    this.logs = logs;
    this.stories = KeyStories.of(run.seen().events());
    this.faults = new Faults(run.seen(), logs.values(), run.stores().dumpedAtMs());
    logs.values().forEach(this::findItems);
    findings.checked("keys", stories.size());
    findings.checked("client events", run.seen().events().size());
    findings.checked("faults", faults.size());
  }

  private void findItems(PartitionLog log) {
    for (LogEvent event : log.events()) {
      if (event instanceof LogEvent.Published e) {
        Integer earlier = partitionsOfItems.putIfAbsent(e.item(), log.partition());
        if (earlier != null && earlier != log.partition()) {
          String problem = "item " + e.item() + " is on sale in partition " + earlier + " too";
          findings.add("S1", log.partition(), e.position(), "", problem);
        }
      } else if (event instanceof LogEvent.Archived e) {
        e.items().forEach(item -> partitionsOfItems.putIfAbsent(item, log.partition()));
      }
    }
  }

  /** The whole log of a partition is folded. */
  public void add(Books folded) {
    books.put(folded.partition(), folded);
  }

  Iterable<Books> books() {
    return books.values();
  }

  /** −1 = no log has it. */
  int partitionOfItem(long item) {
    return partitionsOfItems.getOrDefault(item, -1);
  }

  /** Some of what was archived is in no log any more. */
  boolean isCut() {
    return logs.values().stream().anyMatch(log -> log.cutAway() > 0);
  }

  boolean hasForgottenOrder(long id) {
    Books folded = books.get(Order.partitionOf(id));
    return folded != null && folded.hasForgottenOrder(id);
  }

  /** Null if no log has it. */
  @Nullable Order order(long id) {
    Books folded = books.get(Order.partitionOf(id));
    return folded == null ? null : folded.order(id);
  }
}
