package stampede.rig.capacity;

/** One phone's wish, over all its attempts. */
final class Shake {
  final int item;
  final double bornAt;
  boolean accepted;
  boolean answered;
  double attemptAt;

  Shake(int item, double bornAt) {
    this.item = item;
    this.bornAt = bornAt;
  }
}
