package stampede.rig.check;

/**
 * Something the rig did or saw, beside what clients saw.
 *
 * @param at nanoseconds of the clients' clock
 * @param wallMs the same moment, epoch ms: ties the two clocks together
 * @param subject of a fault: its kind, a blank, whom it met ({@code suspend sale-2}); of {@code
 *     HEALED} the same text
 */
public record Mark(long at, long wallMs, Kind kind, String subject) {

  /** What was done or seen. */
  public enum Kind {
    /** The first line of every file. */
    BEGUN,
    FAULT,
    /** This fault is over: the process was started or continued, the network is whole. */
    HEALED,
    /** Every partition was seen to be owned and serving. */
    OWNED,
    /** The crowd sends nothing new from here on; open keys may still be asked for. */
    LOAD_ENDED,
    /** Every partition's cursor was seen at the end of its log. */
    DRAINED
  }

  JsonLine toJson() {
    return new JsonLine()
        .put("at", at)
        .put("event", Names.lower(kind))
        .put("wallMs", wallMs)
        .putIfAny("subject", subject);
  }

  static Mark of(JsonLine line, Kind kind) {
    return new Mark(
        line.requiredNumber("at"), line.requiredNumber("wallMs"), kind, line.text("subject"));
  }
}
