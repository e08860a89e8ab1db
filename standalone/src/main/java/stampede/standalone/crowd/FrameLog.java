package stampede.standalone.crowd;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last frames of one client; the oldest are forgotten and counted. What the verdict needs is
 * kept per key, not here.
 */
final class FrameLog {
  private static final int FRAMES_MAX = 64;

  private final ArrayDeque<Frame> frames = new ArrayDeque<>(8);
  private long forgotten;

  void sent(String type, @Nullable String key) {
    add(new Frame(System.currentTimeMillis(), true, type, key, null, null, 0));
  }

  void received(
      String type,
      @Nullable String key,
      @Nullable String outcome,
      @Nullable String order,
      long position) {
    add(new Frame(System.currentTimeMillis(), false, type, key, outcome, order, position));
  }

  List<Frame> frames() {
    return List.copyOf(frames);
  }

  long forgotten() {
    return forgotten;
  }

  private void add(Frame frame) {
    if (frames.size() == FRAMES_MAX) {
      frames.removeFirst();
      forgotten++;
    }
    frames.addLast(frame);
  }
}
