package stampede.edge;

import stampede.protocol.Command;
import stampede.protocol.Reply;
import stampede.protocol.port.Completion;

/** The way from an edge to the owners. On the edge's event loop. */
public interface Owners {

  /**
   * Brings {@code command} to the owner of {@code partition}, sending it again unchanged until it
   * is answered, for at most 10 s.
   *
   * <p>Fails with {@link Busy} when it was not passed on at all, with {@link Unresolved} when it
   * may or may not have been decided.
   *
   * @return a ticket to ask how far the command is
   */
  Waiting ask(int partition, Command command, Completion<Reply> reply);

  /** How many partitions there are. */
  int partitions();

  /** A command on its way. */
  interface Waiting {
    /** Commands before it in the queue; 0 = it is with the owner. */
    int ahead();

    /** An estimate from how fast the queue moved in the last second; 0 = unknown. */
    long etaMs();
  }

  /** Not passed on; nothing happened. {@code code}: {@code queue_full} or {@code no_owner}. */
  final class Busy extends Exception {
    private final String code;
    private final long retryAfterMs;

    public Busy(String code, long retryAfterMs) {
      super(code, null, false, false);
      this.code = code;
      this.retryAfterMs = retryAfterMs;
    }

    public String code() {
      return code;
    }

    public long retryAfterMs() {
      return retryAfterMs;
    }
  }

  /** Passed on, and no answer within the bound: it can be asked by key. */
  final class Unresolved extends Exception {
    public Unresolved() {
      super("no answer in time", null, false, false);
    }
  }
}
