package stampede.edge;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Command;
import stampede.protocol.Reply;
import stampede.protocol.port.Completion;

/** Keeps every command until the test answers it. */
final class FakeOwners implements Owners {
  /** One command under way. */
  record Asked(int partition, Command command, Completion<Reply> reply) {}

  final List<Asked> asked = new ArrayList<>();
  int ahead;

  @Override
  public Waiting ask(int partition, Command command, Completion<Reply> reply) {
    asked.add(new Asked(partition, command, reply));
    return new Waiting() {
      @Override
      public int ahead() {
        return ahead;
      }

      @Override
      public long etaMs() {
        return 7L * ahead;
      }
    };
  }

  @Override
  public int partitions() {
    return 4;
  }

  Asked last() {
    return asked.get(asked.size() - 1);
  }
}
