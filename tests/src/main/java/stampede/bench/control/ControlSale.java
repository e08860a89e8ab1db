package stampede.bench.control;

import io.vertx.core.Future;
import stampede.protocol.Outcome;

/** One way to sell things, behind the same frames. */
public interface ControlSale {
  /** An hour from now no matter what: nothing is ever paid here. */
  long PAY_WITHIN_MS = 3_600_000;

  /**
   * An answer that holds: what it says is durable.
   *
   * @param order 0 = none
   * @param at when it was decided, milliseconds since 1970
   */
  record Said(Outcome outcome, long order, long at) {
    static Said no(Outcome outcome) {
      return new Said(outcome, 0, System.currentTimeMillis());
    }
  }

  /** Puts a new item on sale; its id. */
  Future<Long> open(long stock, long opensAt, long closesAt);

  /** One unit for a buyer, who gets at most one. */
  Future<Said> shake(long item, String buyer, String key);

  Future<Void> close();
}
