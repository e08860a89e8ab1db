package stampede.rig;

import java.util.SplittableRandom;

/**
 * What befalls the calls of one journal on their way, drawn from a seed. Rates are per mille and
 * can be changed while the world runs; {@link #none} is a quick and faultless way.
 */
public final class Faults {
  private static final long LATENCY_MS_MAX = 3;

  private final SplittableRandom random;
  private int refusedPerMille;
  private int requestLostPerMille;
  private int replyLostPerMille;
  private int latePerMille;
  private boolean cut;
  private boolean refusedAtOnce;
  private long slowRequestMs;
  private long slowReplyMs;

  private Faults(SplittableRandom random) {
    this.random = random;
  }

  /** Nothing goes wrong until rates are set; draws from {@code random}, which others may share. */
  public static Faults drawnFrom(SplittableRandom random) {
    return new Faults(random);
  }

  /** Nothing goes wrong; still, every call takes its time. */
  public static Faults none() {
    return new Faults(new SplittableRandom(0));
  }

  /** One call in twenty meets a fault, of each kind alike. */
  public static Faults seeded(long seed) {
    return new Faults(new SplittableRandom(seed)).rates(12, 12, 13, 13);
  }

  /**
   * Per mille of calls that are refused at once, whose request is lost, whose reply is lost after
   * the call was carried out, and that are carried out only after the caller has given up.
   */
  public Faults rates(int refused, int requestLost, int replyLost, int late) {
    if (refused < 0
        || requestLost < 0
        || replyLost < 0
        || late < 0
        || refused + requestLost + replyLost + late > 1_000) {
      throw new IllegalArgumentException("rates must not be negative nor add up to over 1,000");
    }
    refusedPerMille = refused;
    requestLostPerMille = requestLost;
    replyLostPerMille = replyLost;
    latePerMille = late;
    return this;
  }

  /** Whether nothing at all gets through, in either direction. */
  public void cut(boolean cut) {
    this.cut = cut;
  }

  /** Requests and replies take up to so much longer; 0 = as quick as usual. */
  public void slow(long requestsUpToMs, long repliesUpToMs) {
    slowRequestMs = requestsUpToMs;
    slowReplyMs = repliesUpToMs;
  }

  /**
   * Whether a call that is refused ends before it returns, as when there is nothing to send it on.
   */
  public Faults refusedAtOnce(boolean atOnce) {
    refusedAtOnce = atOnce;
    return this;
  }

  boolean isRefusedAtOnce() {
    return refusedAtOnce;
  }

  boolean isCut() {
    return cut;
  }

  /**
   * What happens to the next call.
   *
   * @param timeoutMs after which its caller gives up
   */
  Fate next(long timeoutMs) {
    long requestMs = 1 + random.nextLong(LATENCY_MS_MAX);
    long replyMs = 1 + random.nextLong(LATENCY_MS_MAX);
    requestMs += slowRequestMs > 0 ? random.nextLong(slowRequestMs) : 0;
    replyMs += slowReplyMs > 0 ? random.nextLong(slowReplyMs) : 0;
    int draw = random.nextInt(1_000);
    long lateMs = timeoutMs + 1 + random.nextLong(3 * timeoutMs);
    if ((draw -= refusedPerMille) < 0) {
      return new Fate(Way.REFUSED, requestMs, replyMs);
    }
    if ((draw -= requestLostPerMille) < 0) {
      return new Fate(Way.REQUEST_LOST, requestMs, replyMs);
    }
    if ((draw -= replyLostPerMille) < 0) {
      return new Fate(Way.REPLY_LOST, requestMs, replyMs);
    }
    boolean late = (draw -= latePerMille) < 0;
    return new Fate(Way.DELIVERED, late ? lateMs : requestMs, replyMs);
  }

  enum Way {
    DELIVERED,
    REFUSED,
    REQUEST_LOST,
    REPLY_LOST
  }

  record Fate(Way way, long requestMs, long replyMs) {}
}
