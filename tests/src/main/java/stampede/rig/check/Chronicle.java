package stampede.rig.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What clients and rig saw, each list by time. Of events at the same nanosecond those that were
 * sent come first: the kinder reading.
 */
public record Chronicle(List<ClientEvent> events, List<Mark> marks, List<Sighting> sightings) {
  public Chronicle {
    events = new ArrayList<>(events);
    events.sort(
        Comparator.comparingLong(ClientEvent::at).thenComparingInt(e -> e.kind().ordinal()));
    marks = new ArrayList<>(marks);
    marks.sort(Comparator.comparingLong(Mark::at));
    sightings = List.copyOf(sightings);
  }

  public Optional<Mark> first(Mark.Kind kind, long fromAt) {
    return marks.stream().filter(mark -> mark.kind() == kind && mark.at() >= fromAt).findFirst();
  }

  public Optional<Mark> last(Mark.Kind kind) {
    return marks.stream().filter(m -> m.kind() == kind).reduce((before, after) -> after);
  }

  /**
   * Epoch ms of a moment on the clients' clock, by the mark nearest before it.
   *
   * @throws IllegalStateException if there is no mark at all
   */
  public long wallMs(long at) {
    if (marks.isEmpty()) {
      throw new IllegalStateException("a history without a mark has no wall clock");
    }
    Mark nearest = marks.get(0);
    for (Mark mark : marks) {
      if (mark.at() > at) {
        break;
      }
      nearest = mark;
    }
    return nearest.wallMs() + Math.floorDiv(at - nearest.at(), 1_000_000L);
  }

  /** This, and what was seen besides. */
  public Chronicle with(List<Sighting> more) {
    List<Sighting> all = new ArrayList<>(sightings);
    all.addAll(more);
    return new Chronicle(events, marks, all);
  }
}
