package stampede.protocol;

/**
 * Which of an edge's messages one is, so that its owner takes no copy that the edge no longer waits
 * for. Commands that are sent again travel under a new number.
 *
 * @param edge of one start of an edge; 0 = of nobody: taken whenever it comes
 * @param number each message of this edge for this partition has a higher one, from 1
 * @param floor the lowest number that this edge still waits for; at most {@code number}
 */
public record Passage(long edge, long number, long floor) {
  /** Of nobody. */
  public static final Passage NONE = new Passage(0, 0, 0);

  /** Throws {@link InvalidField} for what can't be. */
  public Passage {
    if (edge < 0 || floor < 0 || number < floor) {
      throw new InvalidField("passage", edge + ", " + number + ", " + floor);
    }
  }

  void write(ByteWriter out) {
    out.varint(edge);
    out.varint(number);
    out.varint(number - floor);
  }

  static Passage read(ByteReader in) {
    long edge = in.varint();
    long number = in.varint();
    return new Passage(edge, number, number - in.varint());
  }
}
