package stampede.rig.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.edge.Owners;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Shake;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent.Accepted;

/**
 * Which shakes of one partition wait for an answer at an edge. An order may come of these only: no
 * copy of a shake is decided after its edge has had the answer. A shake that its edge gave up, told
 * {@code pending}, waits on until the same edge hears of its key from an owner; so does one whose
 * edge died.
 */
final class Asked {
  /** So long after the giving up the edge may still wait for the message it was in. */
  private static final long UNDER_WAY_MS = 800;

  private record Key(long item, Bytes user, Bytes key) {}

  /** One command at one start of an edge. */
  final class Question {
    private final Object edge;
    private final @Nullable Key key;
    private final long sinceMs;
    private long givenUpMs = Long.MAX_VALUE;

    private Question(Object edge, @Nullable Key key, long sinceMs) {
      this.edge = edge;
      this.key = key;
      this.sinceMs = sinceMs;
    }

    /**
     * @param reply of an owner; null = none came
     */
    void ended(@Nullable Reply reply, @Nullable Throwable failure, long nowMs) {
      if (key == null) {
        return;
      }
      if (failure instanceof Owners.Unresolved) {
        givenUpMs = nowMs;
        return;
      }
      List<Question> waiting = open.get(key);
      if (waiting != null) {
        waiting.removeIf(other -> other == this || reply != null && other.isOverFor(this));
      }
    }

    private boolean isOverFor(Question later) {
      return edge == later.edge && later.sinceMs - UNDER_WAY_MS > givenUpMs;
    }
  }

  private final Map<Key, List<Question>> open = new HashMap<>();

  Question ask(Object edge, Command command, long sinceMs) {
    if (command instanceof Shake c) {
      Key key = new Key(c.item(), c.user(), c.key());
      Question question = new Question(edge, key, sinceMs);
      open.computeIfAbsent(key, k -> new ArrayList<>()).add(question);
      return question;
    } else if (command instanceof AskResult c) {
      return new Question(edge, new Key(c.item(), c.user(), c.key()), sinceMs);
    }
    return new Question(edge, null, sinceMs);
  }

  void requireOpen(Accepted e) {
    if (open.getOrDefault(new Key(e.item(), e.user(), e.key()), List.of()).isEmpty()) {
      throw new Violation("S14 every shake of it was answered, and yet came " + e);
    }
  }
}
