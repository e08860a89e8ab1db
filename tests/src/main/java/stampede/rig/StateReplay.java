package stampede.rig;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.rig.check.Dump;
import stampede.rig.check.Sighting;
import stampede.sale.engine.SaleEngine;

/**
 * Folds every log anew with the shop's own engine, and takes down its state wherever an owner
 * showed one. No two owners stand at one position, since each begins with an event of its own:
 * without this nobody would be there for the checker to compare them with (S11).
 */
public final class StateReplay {
  private static final String NODE = "replay";

  private StateReplay() {}

  /**
   * Told in the order of the logs.
   *
   * @param seen the states to fold anew
   */
  public static List<Sighting> of(List<Sighting> seen, Dump dump) {
    Map<Integer, Set<Long>> places = new HashMap<>();
    for (Sighting each : seen) {
      places.computeIfAbsent(each.partition(), p -> new HashSet<>()).add(each.position());
    }
    List<Sighting> states = new ArrayList<>();
    Map<Integer, SaleEngine> engines = new HashMap<>();
    for (Dump.Entry each : dump.log()) {
      JournalEntry entry = entry(each);
      SaleEngine engine =
          engines.computeIfAbsent(
              each.partition(), p -> new SaleEngine(p, Long.MAX_VALUE, entry.first() - 1));
      Set<Long> wanted = places.getOrDefault(each.partition(), Set.of());
      for (SaleEvent event : entry.events()) {
        engine.apply(event);
        if (wanted.contains(engine.position())) {
          states.add(state(each.partition(), engine));
        }
      }
    }
    return states;
  }

  private static Sighting state(int partition, SaleEngine engine) {
    String hash = String.format("%016x", engine.stateHash());
    long at = System.nanoTime();
    return new Sighting(at, NODE, partition, engine.epoch(), engine.position(), hash);
  }

  private static JournalEntry entry(Dump.Entry entry) {
    Map<String, byte[]> fields = new HashMap<>();
    entry.fields().forEach(field -> fields.put(field.name(), field.value()));
    return new JournalEntry(
        entry.partition(),
        number(fields, "e"),
        Long.parseLong(entry.id().substring(0, entry.id().indexOf('-'))),
        (int) number(fields, "n"),
        number(fields, "b"),
        fields.get("p"),
        (int) number(fields, "c"));
  }

  private static long number(Map<String, byte[]> fields, String name) {
    return Long.parseLong(Dump.text(fields.get(name)));
  }
}
