package stampede.sale;

import java.util.List;

/** Who should own a partition. Who may write to it, the journal alone decides. */
@FunctionalInterface
public interface Candidates {
  /**
   * The live sale nodes as this one sees them now, the best for {@code partition} first. A node
   * that does not find itself in it keeps away.
   */
  List<String> line(int partition);
}
