package stampede.protocol;

/** Bytes that are not what was written: never folded, never guessed at. */
public class CorruptRecord extends IllegalStateException {
  public CorruptRecord(String what) {
    super(what);
  }
}
