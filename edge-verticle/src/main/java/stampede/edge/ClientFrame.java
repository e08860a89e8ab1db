package stampede.edge;

import java.util.List;
import stampede.protocol.Bytes;

/** What a shopper's client says on its socket. */
sealed interface ClientFrame {
  record Shake(long item, Bytes key, int quantity) implements ClientFrame {}

  /** A shake whose quantity can't be used: item and key are good, so it gets its outcome. */
  record BadShake(long item, Bytes key, String detail) implements ClientFrame {}

  record Result(long item, Bytes key) implements ClientFrame {}

  /** Replaces what was watched before. */
  record Watch(List<Long> items) implements ClientFrame {}

  record Ping() implements ClientFrame {}
}
