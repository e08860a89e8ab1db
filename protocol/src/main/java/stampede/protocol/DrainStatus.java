package stampede.protocol;

/**
 * One partition's drain at a moment.
 *
 * @param position drained, {@code batch} of the entry that ends there
 * @param error empty when there is none
 * @param attempts in a row without success
 * @param lagMs age of the oldest event that was read and is not in the store
 */
public record DrainStatus(
    int partition, long position, long batch, Mode mode, String error, int attempts, long lagMs) {

  /** What a drain is doing. */
  public enum Mode {
    OK("ok"),
    /** The store or the journal is away; goes on by itself. */
    WAITING("waiting"),
    /** Needs an operator. */
    HALTED("halted"),
    /** Nothing: another node drains here, or this one is about to stop. */
    RESTING("resting");

    private final String text;

    Mode(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }

    static Mode ofCode(int ordinal) {
      if (ordinal >= values().length) {
        throw new CorruptRecord("drain mode " + ordinal + " does not exist");
      }
      return values()[ordinal];
    }
  }
}
