package stampede.rig.chaos;

/**
 * A key whose fate its shopper does not know yet. Times are of {@link System#nanoTime}. Confined to
 * the crowd's event loop.
 */
final class OpenKey {
  /** So long an edge may still be passing a frame on that the owner does not know yet. */
  private static final long UNKNOWN_TRUSTED_NANOS = 12_000_000_000L;

  final String key;
  final SaleOffer offer;
  final int quantity;

  /** When it was meant to be sent. */
  final long intendedNanos;

  private int framesSent;
  private long shakenNanos;
  private long spokeNanos;
  private boolean asked;
  private boolean owedAWord;
  private boolean answered;

  OpenKey(String key, SaleOffer offer, int quantity, long intendedNanos) {
    this.key = key;
    this.offer = offer;
    this.quantity = quantity;
    this.intendedNanos = intendedNanos;
  }

  void shaken(long nanos) {
    framesSent++;
    shakenNanos = nanos;
    spoke(nanos);
  }

  void asked(long nanos) {
    asked = true;
    spoke(nanos);
  }

  private void spoke(long nanos) {
    spokeNanos = nanos;
    owedAWord = true;
  }

  void heard() {
    owedAWord = false;
  }

  /** The socket is gone: nobody owes anything on the next one. */
  void disconnected() {
    owedAWord = false;
  }

  boolean everSent() {
    return framesSent > 0;
  }

  /** Whether the other side has not said a word for so long, not even {@code pending}. */
  boolean silentFor(long nanos, long now) {
    return owedAWord && now - spokeNanos >= nanos;
  }

  /** Whether it was heard of, or asked for, so long ago that it is time to ask. */
  boolean dueToAsk(long afterNanos, long now) {
    return framesSent > 0 && !owedAWord && now - spokeNanos >= afterNanos;
  }

  /** True the first time only: the answer a latency is counted to. */
  boolean firstAnswer() {
    boolean first = !answered;
    answered = true;
    return first;
  }

  /** Whether {@code unknown} can be the last word. */
  boolean unknownIsFinal(long now) {
    return now - shakenNanos >= UNKNOWN_TRUSTED_NANOS;
  }

  /**
   * Whether a refusal settles the key: not if another frame of it may still be under way, until it
   * was asked for.
   */
  boolean refusalIsFinal(boolean ownerMade) {
    return framesSent == 1 || asked && ownerMade;
  }
}
