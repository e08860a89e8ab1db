package stampede.rig.check.rule;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import stampede.rig.check.Chronicle;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Dump;
import stampede.rig.check.Key;
import stampede.rig.check.Mark;
import stampede.rig.check.log.LogEvent;
import stampede.rig.check.log.PartitionLog;

/**
 * L1: after the last fault every partition is owned within 5 s. L2: from 10 s after it a shake, new
 * or sent again, and asking for one give an owner's answer, and no frame is refused for want of an
 * owner; when the crowd has ended as well nobody waits for it either. L4: the drain has caught up
 * within 30 s.
 */
public final class Recovery {
  private static final long ANSWERS_AFTER_NANOS = 10_000_000_000L;
  private static final long DRAINED_WITHIN_MS = 30_000;

  private final Evidence evidence;
  private final Chronicle seen;

  private Recovery(Evidence evidence) {
    this.evidence = evidence;
    this.seen = evidence.run.seen();
  }

  public static void check(Evidence evidence) {
    Recovery rule = new Recovery(evidence);
    rule.checkOwned();
    rule.seen.last(Mark.Kind.LOAD_ENDED).ifPresent(rule::checkAfterLoad);
  }

  private void checkOwned() {
    seen.last(Mark.Kind.HEALED)
        .ifPresent(
            healed -> {
              Optional<Mark> owned = seen.first(Mark.Kind.OWNED, healed.at());
              if (owned.isEmpty()) {
                found("L1", "nobody saw all partitions owned after " + healed.subject());
              } else if (ms(healed, owned.get()) > Faults.OWNED_WITHIN_MS) {
                found("L1", "all partitions owned only after " + ms(healed, owned.get()) + " ms");
              }
            });
  }

  private void checkAfterLoad(Mark loadEnded) {
    Mark quiet = seen.last(Mark.Kind.HEALED).filter(h -> h.at() > loadEnded.at()).orElse(loadEnded);
    seen.first(Mark.Kind.DRAINED, loadEnded.at())
        .filter(drained -> ms(quiet, drained) > DRAINED_WITHIN_MS)
        .ifPresent(drained -> found("L4", "drained only after " + ms(quiet, drained) + " ms"));
    checkLag(quiet);
    checkAnswers(loadEnded);
  }

  /** Whatever is not drained at the end must be young. */
  private void checkLag(Mark quiet) {
    Dump stores = evidence.run.stores();
    for (PartitionLog log : evidence.logs.values()) {
      long cursor =
          stores.cursors().stream()
              .filter(each -> each.partition() == log.partition())
              .mapToLong(Dump.Cursor::position)
              .findFirst()
              .orElse(0);
      for (LogEvent event : log.events()) {
        if (event.position() > cursor) {
          long dueMs = Math.max(quiet.wallMs(), event.at()) + DRAINED_WITHIN_MS;
          if (dueMs < stores.dumpedAtMs()) {
            String problem = "drained up to " + cursor + " only, the log ends at " + log.end();
            evidence.findings.add("L4", log.partition(), event.position(), "", problem);
          }
          break;
        }
      }
    }
  }

  private void checkAnswers(Mark loadEnded) {
    long wellFrom =
        seen.last(Mark.Kind.HEALED)
            .map(healed -> healed.at() + ANSWERS_AFTER_NANOS)
            .orElse(loadEnded.at());
    checkNever("busy", wellFrom);
    checkNever("pending", Math.max(wellFrom, loadEnded.at()));
    long[] checked = new long[2];
    evidence.stories.forEach(
        (key, story) -> {
          if (story.lastSentAt >= wellFrom) {
            checked[0]++;
            checked[1] += story.shakes > 0 && story.lastShakeAt >= wellFrom ? 1 : 0;
            checkAnswered(key, story);
          }
        });
    evidence.findings.checked("asked when all was well", checked[0]);
    evidence.findings.checked("shaken when all was well", checked[1]);
  }

  private void checkAnswered(Key key, KeyStory story) {
    if (story.lastOwnerAnswerAt < story.lastSentAt && !story.leavesNothing()) {
      found("L2", key, "no owner's answer when all was well again");
    }
  }

  /** A key that was asked for before that time may still hear an answer to the old question. */
  private void checkNever(String outcome, long from) {
    Set<Key> asked = new HashSet<>();
    for (ClientEvent event : seen.events()) {
      Key key = new Key(event.user(), event.item(), event.key());
      boolean isNoAnswer = event.outcome().equals(outcome);
      if (event.kind() == ClientEvent.Kind.SENT && event.at() < from) {
        asked.add(key);
      } else if (event.isByOwner() || event.isAboutAttempt() && event.at() < from) {
        asked.remove(key);
      } else if (isNoAnswer && event.at() >= from && !asked.contains(key)) {
        found("L2", key, "answered " + event.outcome() + " when all was well again");
      }
    }
  }

  private static long ms(Mark from, Mark to) {
    return (to.at() - from.at()) / 1_000_000;
  }

  private void found(String rule, String problem) {
    evidence.findings.add(rule, -1, -1, "", problem);
  }

  private void found(String rule, Key key, String problem) {
    int partition = evidence.partitionOfItem(key.item());
    evidence.findings.add(rule, partition, -1, key.toString(), problem);
  }
}
