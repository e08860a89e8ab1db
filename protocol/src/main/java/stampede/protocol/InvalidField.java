package stampede.protocol;

/**
 * A value from outside that can't be used; the message is for the one who sent it: "{field} {what
 * is wrong with it}".
 */
public final class InvalidField extends IllegalArgumentException {
  private final String field;

  public InvalidField(String field, String problem) {
    super(field + " " + problem, null);
    this.field = field;
  }

  public String field() {
    return field;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this; // an expected refusal: bad input must not cost a stack walk
  }
}
