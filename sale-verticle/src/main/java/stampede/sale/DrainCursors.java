package stampede.sale;

import stampede.protocol.port.Completion;

/** How far a partition has been drained to MySQL, as MySQL says. */
@FunctionalInterface
public interface DrainCursors {
  /** Fails within 1 s when nobody knows. */
  void ask(int partition, Completion<Long> position);
}
