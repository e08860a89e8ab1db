package stampede.sale;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Batches that came a moment too early: the owner that goes tells edges who is next before that one
 * serves. They wait here for its first moment; sent again and again they would miss it by a pause.
 */
final class Anteroom {
  /** Shorter than an edge waits for an answer: it never sends again what is still here. */
  static final long WAIT_MS_MAX = 400;

  static final int BATCHES_MAX = 64;

  private final Timers timers;
  private final BatchReply turnedAway;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  private record Waiting(CommandBatch batch, Completion<BatchReply> done) {}

  /**
   * @param turnedAway what those hear that waited in vain
   */
  Anteroom(Timers timers, BatchReply turnedAway) {
    this.timers = timers;
    this.turnedAway = turnedAway;
  }

  void enter(CommandBatch batch, Completion<BatchReply> done) {
    if (waiting.size() >= BATCHES_MAX) {
      done.succeed(turnedAway);
      return;
    }
    Waiting entered = new Waiting(batch, done);
    waiting.add(entered);
    timers.after(
        WAIT_MS_MAX,
        () -> {
          if (waiting.remove(entered)) {
            done.succeed(turnedAway);
          }
        });
  }

  /** Everybody leaves through {@code door}, in the order in which they came. */
  void open(BiConsumer<CommandBatch, Completion<BatchReply>> door) {
    List<Waiting> all = new ArrayList<>(waiting);
    waiting.clear();
    all.forEach(one -> door.accept(one.batch, one.done));
  }
}
