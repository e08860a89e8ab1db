package stampede.edge;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.OrderNews;
import stampede.protocol.port.Timers;

/**
 * News of orders on their way to this edge's sockets. A few are told at once; when very many orders
 * end in the same second, the rest waits its turn, so that answers to shakes do not wait behind
 * them. On the edge's event loop.
 */
final class NewsQueue {
  /** Told without a pause: some milliseconds of the event loop at most. */
  static final int AT_ONCE = 50;

  static final long PAUSE_MS = 5;

  /** What does not fit is not told; asking for the order shows it. */
  static final int WAITING_MAX = 200_000;

  private final Timers timers;
  private final Consumer<OrderNews.Change> teller;
  private final ArrayDeque<OrderNews.Change> waiting = new ArrayDeque<>();
  private Timers.@Nullable Timer next;
  private int toldThisTurn;
  private long dropped;

  NewsQueue(Timers timers, Consumer<OrderNews.Change> teller) {
    this.timers = timers;
    this.teller = teller;
  }

  void add(OrderNews.Change change) {
    if (waiting.size() >= WAITING_MAX) {
      dropped++;
      return;
    }
    waiting.addLast(change);
    tell();
  }

  int waiting() {
    return waiting.size();
  }

  /** Since the start. */
  long dropped() {
    return dropped;
  }

  private void tell() {
    while (toldThisTurn < AT_ONCE && !waiting.isEmpty()) {
      toldThisTurn++;
      teller.accept(waiting.removeFirst());
    }
    if (next == null && toldThisTurn > 0) {
      next = timers.after(PAUSE_MS, this::nextTurn);
    }
  }

  private void nextTurn() {
    next = null;
    toldThisTurn = 0;
    tell();
  }

  void stop() {
    waiting.clear();
    if (next != null) {
      next.cancel();
      next = null;
    }
  }
}
