package stampede.sale;

import java.util.List;
import java.util.function.Supplier;
import stampede.protocol.Rendezvous;

/** Who should own a partition, by rendezvous hashing over the live sale nodes. */
public final class MemberLine implements Candidates {
  private final Supplier<List<String>> members;

  /**
   * @param members names of the live sale nodes as this node sees them now
   */
  public MemberLine(Supplier<List<String>> members) {
    this.members = members;
  }

  @Override
  public List<String> line(int partition) {
    return Rendezvous.line(members.get(), partition);
  }
}
