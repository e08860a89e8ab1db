package stampede.sale;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import stampede.node.TwoAsked;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/** MySQL's cursors, as any persist node reads them: two are asked at once, and once more. */
record BusCursors(Bus bus) implements DrainCursors {
  static final long TIMEOUT_MS = 500;
  private static final int ROUNDS = 2;

  @Override
  public void ask(int partition, Completion<Long> position) {
    ask(partition, ROUNDS, position);
  }

  private void ask(int partition, int rounds, Completion<Long> done) {
    Buffer question = new JsonObject().put("op", "cursor").put("partition", partition).toBuffer();
    Completion<Long> asked =
        (position, failure) -> {
          if (position != null) {
            done.succeed(position);
          } else if (rounds > 1) {
            ask(partition, rounds - 1, done);
          } else {
            done.fail(new Bus.Unanswered("no cursor for partition " + partition));
          }
        };
    TwoAsked.ask(
        bus, Addresses.PERSIST_QUERY, question.getBytes(), TIMEOUT_MS, BusCursors::position, asked);
  }

  /** Null when the node asked does not know: it may not reach MySQL, which another one does. */
  private static @Nullable Long position(byte[] answer) {
    try {
      return new JsonObject(Buffer.buffer(answer)).getLong("position");
    } catch (DecodeException | ClassCastException e) {
      return null;
    }
  }
}
