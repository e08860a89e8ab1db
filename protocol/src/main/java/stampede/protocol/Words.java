package stampede.protocol;

/** What went wrong, in a message between nodes: as long as a store cares to make it, so cut. */
final class Words {
  static final int CHARS_MAX = 2_000;

  /** A char has at most three; half of a pair has two of its four. */
  private static final int BYTES_MAX = 3 * CHARS_MAX;

  private Words() {}

  static void write(ByteWriter out, String words) {
    out.text(words.substring(0, Math.min(words.length(), CHARS_MAX)));
  }

  static String read(ByteReader in) {
    return in.text(BYTES_MAX);
  }
}
