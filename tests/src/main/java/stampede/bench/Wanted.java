package stampede.bench;

/** What part of every good answer is, of each kind a crowd may want. */
public final class Wanted {
  public static final String ACCEPTED = outcome("accepted");
  public static final String SOLD_OUT = outcome("sold_out");
  public static final String THROTTLED = outcome("throttled");

  /** A bare echo sends the shake back. */
  public static final String ECHO = "\"shake\"";

  private Wanted() {}

  private static String outcome(String outcome) {
    return "\"outcome\":\"" + outcome + '"';
  }
}
