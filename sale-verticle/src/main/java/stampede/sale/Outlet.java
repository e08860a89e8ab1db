package stampede.sale;

import stampede.protocol.Hint;
import stampede.protocol.OrderNews;
import stampede.protocol.SaleFigures;

/** What an owner tells the world besides its replies. */
public interface Outlet {
  void hint(Hint hint);

  /** Durable changes of orders. */
  void news(OrderNews news);

  /**
   * Something an operator must know.
   *
   * @param code stable, listed in the docs
   */
  void alarm(String code, String detail);

  /** For operators; may be lost. */
  default void figures(SaleFigures figures) {}

  /** The partition is served here from now on. */
  default void served(long epoch, long position, TakeOver takeOver) {}

  /**
   * The partition was given up in order, to {@code next} or, if empty, to whoever comes.
   *
   * @param flushNanos until what was decided was durable
   * @param releaseNanos until the lease was free after that
   */
  default void givenUp(long epoch, String next, long flushNanos, long releaseNanos) {}

  /**
   * A group is durable.
   *
   * @param tookNanos from sending it, the last time if it was sent again, to the answer
   */
  default void appended(int events, long tookNanos) {}
}
