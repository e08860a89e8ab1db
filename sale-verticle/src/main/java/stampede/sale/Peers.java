package stampede.sale;

import stampede.protocol.HandOver;
import stampede.protocol.port.Completion;

/** What owners of one partition on different nodes say to each other. Best effort. */
public interface Peers {
  /** An owner that releases later than this is found to have done so. */
  long ANSWER_MS_MAX = 1_000;

  /** Asks the start {@code nonce} of {@code node}; fails after {@value #ANSWER_MS_MAX} ms. */
  void ask(String node, long nonce, HandOver asks, Completion<HandOver.Answer> done);

  /** Tells every other sale node. */
  void leaving(HandOver offer);
}
