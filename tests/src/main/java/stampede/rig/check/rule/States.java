package stampede.rig.check.rule;

import java.util.HashMap;
import java.util.Map;
import stampede.rig.check.Sighting;
import stampede.rig.check.log.PartitionLog;

/**
 * S11: whoever has folded a partition's log up to a position has the same state, live or replayed,
 * in whichever epoch; and nobody shows a state beyond the log.
 */
public final class States {
  private record Place(int partition, long position) {}

  private States() {}

  public static void check(Evidence evidence) {
    Map<Place, Sighting> first = new HashMap<>();
    long compared = 0;
    for (Sighting sighting : evidence.run.seen().sightings()) {
      Place place = new Place(sighting.partition(), sighting.position());
      Sighting earlier = first.putIfAbsent(place, sighting);
      if (earlier != null) {
        compared++;
        if (!earlier.stateHash().equals(sighting.stateHash())) {
          found(evidence, sighting, "not as " + earlier.node() + " had it: " + earlier.stateHash());
        }
      }
      PartitionLog log = evidence.logs.get(sighting.partition());
      if (log == null || sighting.position() > log.end()) {
        found(evidence, sighting, "beyond the end of the log");
      }
    }
    evidence.findings.checked("states", evidence.run.seen().sightings().size());
    evidence.findings.checked("states compared", compared);
  }

  private static void found(Evidence evidence, Sighting sighting, String problem) {
    String state = "state " + sighting.stateHash() + " of " + sighting.node();
    String text = state + " in epoch " + sighting.epoch() + " is " + problem;
    evidence.findings.add("S11", sighting.partition(), sighting.position(), "", text);
  }
}
