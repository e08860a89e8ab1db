package stampede.rig.check.rule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stampede.rig.check.Chronicle;
import stampede.rig.check.Mark;
import stampede.rig.check.log.LogEvent.Owned;
import stampede.rig.check.log.PartitionLog;

/** When something was broken on purpose. */
final class Faults {
  /** After the last fault all partitions are owned again within this time. */
  static final long OWNED_WITHIN_MS = 5_000;

  /** A lease: so long an owner that stood still may take itself for the owner when it goes on. */
  private static final long LEASE_MS = 1_500;

  /** From an owner that just went on, by an edge, to the client: all of them busy with the rest. */
  private static final long DELIVERY_MS_MAX = 2_000;

  private static final long STALE_WITHIN_NANOS = (LEASE_MS + DELIVERY_MS_MAX) * 1_000_000;

  /** How far the clocks of Redis and of the clients' machine may be apart. */
  private static final long CLOCKS_APART_MS_MAX = 500;

  private static final Pattern STOOD_STILL = Pattern.compile("(?:suspend|freeze) (?:\\S+ )?(\\S+)");

  private record Spell(Mark from, long toAt, long toWallMs) {
    /** Whether this was a node that stood still and went on. */
    boolean stoodStill(String node) {
      Matcher subject = STOOD_STILL.matcher(from.subject());
      return subject.matches() && subject.group(1).equals(node);
    }
  }

  private final List<Spell> spells = new ArrayList<>();
  private final Map<Integer, List<Owned>> owners = new HashMap<>();
  private final Set<String> nodes = new HashSet<>();

  /** Partitions whose first owners were cut away with what was archived. */
  private final Set<Integer> cut = new HashSet<>();

  /**
   * @param logs say who owned what
   * @param endWallMs when a fault that was never healed is taken to end, epoch ms
   */
  Faults(Chronicle seen, Collection<PartitionLog> logs, long endWallMs) {
    logs.forEach(this::takeOwners);
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

  private void takeOwners(PartitionLog log) {
    List<Owned> all = new ArrayList<>();
    log.events().stream().filter(Owned.class::isInstance).map(Owned.class::cast).forEach(all::add);
    owners.put(log.partition(), all);
    all.forEach(owned -> nodes.add(owned.node()));
    if (log.cutAway() > 0) {
      cut.add(log.partition());
    }
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
   * lease; what it accepts is never durable. Nobody else may: of an edge, a drainer or a store that
   * stood still, and of a sale node that did not own the partition, no answer becomes too old.
   */
  boolean mayBeStale(int partition, long at) {
    return spells.stream()
        .filter(spell -> spell.from.at() <= at && at - spell.toAt <= STALE_WITHIN_NANOS)
        .anyMatch(spell -> ownerStoodStill(partition, spell));
  }

  /** Whether somebody stood still who owned the partition when that began, or since. */
  private boolean ownerStoodStill(int partition, Spell spell) {
    List<Owned> all = owners.getOrDefault(partition, List.of());
    boolean known = !all.isEmpty() && all.get(0).at() < spell.from.wallMs();
    if (!known && cut.contains(partition) && nodes.stream().anyMatch(spell::stoodStill)) {
      return true;
    }
    for (int i = 0; i < all.size(); i++) {
      boolean begun = all.get(i).at() <= spell.toWallMs + CLOCKS_APART_MS_MAX;
      boolean lasted =
          i + 1 == all.size() || all.get(i + 1).at() >= spell.from.wallMs() - CLOCKS_APART_MS_MAX;
      if (begun && lasted && spell.stoodStill(all.get(i).node())) {
        return true;
      }
    }
    return false;
  }
}
