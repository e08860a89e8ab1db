package stampede.sale;

/** Who should own a partition. Who may write to it, the journal alone decides. */
@FunctionalInterface
public interface Candidates {
  /**
   * This node's place in the line for {@code partition}: 0 = first, −1 = not in the line at all.
   */
  int rank(int partition);
}
