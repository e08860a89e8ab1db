package stampede.node;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/**
 * A question that any of several nodes can answer, put to two of them at once: the first answer
 * counts. One of them may be dead or frozen and a member of the cluster yet.
 *
 * <p>That it is two of them rests on how the event bus of Vert.x 5 chooses, clustered or not. For
 * each address a sender keeps one round of all who listen there, and takes the next of the round
 * for each message, in the order of sending; a clustered one by node, itself no more and no less
 * than others. So what is sent in one breath goes to two neighbours of the round, whereas a second
 * try after a time-out goes to whoever is next by then: when many ask at once, as likely as not the
 * one that did not answer. Only what another event loop of the process sends to that address right
 * between the two could make them meet the same node. Where one node listens it is asked twice,
 * which must do no harm.
 */
public final class TwoAsked {
  private TwoAsked() {}

  /** Fails with {@link Bus.Unanswered} when neither answered in time. */
  public static void ask(
      Bus bus, String address, byte[] question, long timeoutMs, Completion<byte[]> done) {
    ask(bus, address, question, timeoutMs, answer -> answer, done);
  }

  /**
   * The same.
   *
   * @param read null = this is no answer, the other one may have a better
   */
  public static <T> void ask(
      Bus bus,
      String address,
      byte[] question,
      long timeoutMs,
      Function<byte[], @Nullable T> read,
      Completion<T> done) {
    First<T> first = new First<>(address, done);
    for (int i = 0; i < First.ASKED; i++) {
      bus.request(
          address,
          question,
          timeoutMs,
          (answer, failure) -> first.came(answer == null ? null : read.apply(answer)));
    }
  }

  private static final class First<T> {
    private static final int ASKED = 2;

    private final String address;
    private final Completion<T> done;
    private int left = ASKED;
    private boolean answered;

    private First(String address, Completion<T> done) {
      this.address = address;
      this.done = done;
    }

    private void came(@Nullable T answer) {
      left--;
      if (answered) {
        return;
      }
      if (answer != null) {
        answered = true;
        done.succeed(answer);
      } else if (left == 0) {
        done.fail(new Bus.Unanswered(address + ": neither of two answered"));
      }
    }
  }
}
