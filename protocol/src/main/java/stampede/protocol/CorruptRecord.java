package stampede.protocol;

/** Bytes that are not what was written: never folded, never guessed at. */
public class CorruptRecord extends IllegalStateException {
  public CorruptRecord(String what) {
    super(what);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this; // the message says what is wrong with the bytes; where they were read does not
    // matter
  }
}
