package stampede.edge;

import stampede.protocol.Outcome;
import stampede.protocol.Reply.Shaken;

/**
 * What a shopper is told about a shake or a key.
 *
 * @param said the owner's own words, or this edge's in the same form, without position and time
 * @param byOwner false: this attempt was not passed on, or nothing is known yet
 * @param retryAfterMs 0 = nothing to wait for
 */
public record Verdict(Shaken said, boolean byOwner, long retryAfterMs) {
  private static final long RETRY_MS = 1_000;

  /** One to one what the owner said. */
  public static Verdict ofOwner(Shaken said) {
    boolean later = said.outcome().httpStatus() == 503 || said.outcome().httpStatus() == 429;
    return new Verdict(said, true, later ? RETRY_MS : 0);
  }

  static Verdict notOpen(long opensAt, long opensInMs) {
    return new Verdict(Shaken.notOpen(opensAt, 0, 0), false, opensInMs);
  }

  static Verdict invalid(String code, String detail) {
    return new Verdict(Shaken.invalid(code, detail, 0, 0), false, 0);
  }

  static Verdict pending() {
    return ofEdge(Outcome.PENDING, RETRY_MS);
  }

  static Verdict ofEdge(Outcome outcome, long retryAfterMs) {
    return new Verdict(Shaken.of(outcome, 0, 0), false, retryAfterMs);
  }

  public Outcome outcome() {
    return said.outcome();
  }

  /** True at a position of the journal. */
  public boolean aboutKey() {
    return byOwner && outcome().about() == Outcome.About.KEY;
  }

  int httpStatus() {
    if (outcome() == Outcome.ACCEPTED) {
      return said.again() ? 200 : 201;
    }
    return outcome() == Outcome.INVALID ? invalidStatus() : outcome().httpStatus();
  }

  private int invalidStatus() {
    return switch (said.code()) {
      case "login_required" -> 401;
      case "unknown_item" -> 404;
      case "internal" -> 500;
      default -> byOwner ? 422 : 400;
    };
  }
}
