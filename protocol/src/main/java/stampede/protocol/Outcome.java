package stampede.protocol;

/**
 * The answers to a shake. {@code code} is what goes over the bus, {@code text} what a shopper's
 * client sees.
 */
public enum Outcome {
  ACCEPTED(1, "accepted", About.KEY, 201),
  SOLD_OUT(2, "sold_out", About.KEY, 409),
  LIMIT_REACHED(3, "limit_reached", About.KEY, 409),
  ENDED(4, "ended", About.KEY, 410),
  INVALID(5, "invalid", About.KEY, 422),
  NOT_OPEN(6, "not_open", About.ATTEMPT, 403),
  PAUSED(7, "paused", About.KEY, 503),
  THROTTLED(8, "throttled", About.ATTEMPT, 429),
  MISSED(9, "missed", About.ATTEMPT, 429),
  BUSY(10, "busy", About.ATTEMPT, 503),
  BLOCKED(11, "blocked", About.ATTEMPT, 403),
  PENDING(12, "pending", About.NOTHING_YET, 202),
  UNKNOWN(13, "unknown", About.KEY, 404);

  /** What an answer speaks of. */
  public enum About {
    /** Owner-made, true at a position of the journal. */
    KEY,
    /**
     * This frame was not passed on, or left no trace; nothing is said of earlier frames with the
     * same key.
     */
    ATTEMPT,
    /** Not decided, or not durable: can be asked by key. */
    NOTHING_YET
  }

  private static final Outcome[] BY_CODE = new Outcome[14];

  static {
    for (Outcome outcome : values()) {
      BY_CODE[outcome.code] = outcome;
    }
  }

  private final int code;
  private final String text;
  private final About about;
  private final int httpStatus;

  Outcome(int code, String text, About about, int httpStatus) {
    this.code = code;
    this.text = text;
    this.about = about;
    this.httpStatus = httpStatus;
  }

  public int code() {
    return code;
  }

  public String text() {
    return text;
  }

  public About about() {
    return about;
  }

  /**
   * The usual status; {@code accepted} is 200 on a re-send, {@code invalid} is 400, 404 or 422 by
   * its reason.
   */
  public int httpStatus() {
    return httpStatus;
  }

  public static Outcome ofCode(int code) {
    if (code < 1 || code >= BY_CODE.length) {
      throw new CorruptRecord("outcome code " + code + " does not exist");
    }
    return BY_CODE[code];
  }
}
