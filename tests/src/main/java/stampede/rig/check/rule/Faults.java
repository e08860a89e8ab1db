package stampede.rig.check.rule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import stampede.rig.check.Chronicle;
import stampede.rig.check.Mark;

/** When something was broken on purpose. */
final class Faults {
  /** After the last fault all partitions are owned again within this time. */
  static final long OWNED_WITHIN_MS = 5_000;

  /** How long after a suspended process goes on an answer of an old owner may still come. */
  private static final long STALE_WITHIN_NANOS = 12_000_000_000L;

  private record Spell(Mark from, long toAt, long toWallMs) {}

  private final List<Spell> spells = new ArrayList<>();

  /**
   * @param endWallMs when a fault that was never healed is taken to end, epoch ms
   */
  Faults(Chronicle seen, long endWallMs) {
    List<Mark> open = new ArrayList<>();
    for (Mark mark : seen.marks()) {
      if (mark.kind() == Mark.Kind.FAULT) {
        open.add(mark);
      } else if (mark.kind() == Mark.Kind.HEALED) {
        open.stream()
            .filter(fault -> fault.subject().equals(mark.subject()))
            .findFirst()
            .ifPresent(
                fault -> {
                  open.remove(fault);
                  spells.add(new Spell(fault, mark.at(), mark.wallMs()));
                });
      }
    }
    open.forEach(fault -> spells.add(new Spell(fault, Long.MAX_VALUE / 2, endWallMs)));
    spells.sort(Comparator.comparingLong(spell -> spell.from.wallMs()));
  }

  int size() {
    return spells.size();
  }

  /** A deadline moves to when owners must be back, if something was broken as it came. */
  long extended(long wallMs, long slackMs) {
    long extended = wallMs;
    for (Spell spell : spells) {
      if (spell.from.wallMs() <= extended + slackMs) {
        extended = Math.max(extended, spell.toWallMs + OWNED_WITHIN_MS);
      }
    }
    return extended;
  }

  /**
   * A suspended owner that takes its lease for valid may refuse by its old log, for at most one
   * lease; what it accepts is never durable.
   */
  boolean mayBeStale(long at) {
    return spells.stream()
        .anyMatch(
            spell ->
                spell.from.subject().startsWith("suspend")
                    && spell.from.at() <= at
                    && at - spell.toAt <= STALE_WITHIN_NANOS);
  }
}
