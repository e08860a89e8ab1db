package stampede.edge;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Timers;

/**
 * A word once a second to those who still wait. All wait equally long for theirs, so it is a queue,
 * and one timer. On the edge's event loop.
 */
final class Reminders {
  private final Timers timers;
  private final long everyMs;
  private final Consumer<Flight> remind;
  private final ArrayDeque<Flight> line = new ArrayDeque<>();
  private Timers.@Nullable Timer tick;

  Reminders(Timers timers, long everyMs, Consumer<Flight> remind) {
    this.timers = timers;
    this.everyMs = everyMs;
    this.remind = remind;
  }

  void add(Flight flight) {
    flight.remindAtMs = timers.millis() + everyMs;
    line.addLast(flight);
    arm();
  }

  void dropFinished() {
    while (!line.isEmpty() && line.getFirst().done) {
      line.removeFirst();
    }
  }

  private void arm() {
    if (tick == null && !line.isEmpty()) {
      tick =
          timers.after(Math.max(1, line.getFirst().remindAtMs - timers.millis()), this::remindDue);
    }
  }

  private void remindDue() {
    tick = null;
    long nowMs = timers.millis();
    dropFinished();
    while (!line.isEmpty() && line.getFirst().remindAtMs <= nowMs) {
      Flight flight = line.removeFirst();
      if (!flight.done) {
        remind.accept(flight);
        flight.remindAtMs = nowMs + everyMs;
        line.addLast(flight);
      }
    }
    arm();
  }
}
