package stampede.rig.sim;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;

/** A hash of all that happened, in order; on request also as text. */
final class Trace {
  private final SimClock clock;
  private final @Nullable Consumer<String> out;
  private long hash = 1;

  /**
   * @param out gets a line for each thing that happens; null = only the hash is kept
   */
  Trace(SimClock clock, @Nullable Consumer<String> out) {
    this.clock = clock;
    this.out = out;
  }

  /** {@code what} and the numbers go into the hash; the text is made only when it is printed. */
  void add(int what, long a, long b, Supplier<String> text) {
    hash = Bytes.mix64(hash * 31 + what + (clock.millis() << 20));
    hash = Bytes.mix64(hash ^ a * 0x9E3779B97F4A7C15L ^ Long.rotateLeft(b, 32));
    if (out != null) {
      out.accept("%9.3f s  %s".formatted(clock.millis() / 1_000.0, text.get()));
    }
  }

  long hash() {
    return hash;
  }
}
