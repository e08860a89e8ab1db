package stampede.rig.capacity;

import java.util.List;

/** Shakes of one edge that travel together; {@code attempts} before this one. */
final class Message {
  final EdgeModel edge;
  final List<Shake> shakes;
  final int attempts;
  boolean over;

  /** Of the last event it rests on, and since when its reply waits. */
  long position;

  double heldSince;

  Message(EdgeModel edge, List<Shake> shakes, int attempts) {
    this.edge = edge;
    this.shakes = shakes;
    this.attempts = attempts;
  }

  /** What an owner says to all of it. */
  enum Said {
    ANSWERED,
    BUSY,
    PENDING
  }
}
