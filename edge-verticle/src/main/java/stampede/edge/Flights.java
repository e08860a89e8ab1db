package stampede.edge;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;

/**
 * The commands under way. One of each user's is in a map, the others hang on it: a user has so few
 * that a walk along them is a look-up, and a shake costs one entry here, not one for itself and one
 * for its user.
 */
final class Flights {
  private final Map<Bytes, Flight> firsts = new HashMap<>();
  private int size;

  int size() {
    return size;
  }

  @Nullable Flight find(Bytes user, long item, Bytes key, boolean shake) {
    Flight flight = firsts.get(user);
    while (flight != null && !flight.is(item, key, shake)) {
      flight = flight.next;
    }
    return flight;
  }

  int of(Bytes user) {
    int count = 0;
    for (Flight flight = firsts.get(user); flight != null; flight = flight.next) {
      count++;
    }
    return count;
  }

  void forEach(Consumer<Flight> each) {
    for (Flight first : firsts.values()) {
      for (Flight flight = first; flight != null; flight = flight.next) {
        each.accept(flight);
      }
    }
  }

  void add(Flight flight) {
    flight.next = firsts.put(flight.user, flight);
    size++;
  }

  void remove(Flight flight) {
    size--;
    Flight first = firsts.remove(flight.user);
    if (first == flight) {
      if (flight.next != null) {
        firsts.put(flight.user, flight.next);
      }
      return;
    }
    firsts.put(flight.user, first);
    Flight before = first;
    while (before.next != flight) {
      before = before.next;
    }
    before.next = flight.next;
  }
}
