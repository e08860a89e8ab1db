package stampede.protocol;

/**
 * Who may have an order of one item: a Bloom filter of users. Whom it does not contain has none of
 * those it was made of; of others it says wrongly that they may have one in 0.3 % of all cases when
 * it is new (12 bits a user), in 0.8 % when it is full (10 bits). A million users take 1.5 MB.
 * Grows only; belongs to one thread.
 */
public final class WinnerFilter {
  private static final int BITS_A_USER = 10;
  private static final int PROBES = 7;
  private static final int USERS_MIN = 1_000;

  /** What is still sent and kept: {@link Limits#STOCK_MAX} orders and a fifth more. */
  private static final int USERS_MAX = (int) (Limits.STOCK_MAX + Limits.STOCK_MAX / 5);

  private final long[] words;
  private final long bits;
  private final int usersMax;
  private int users;

  private WinnerFilter(int usersMax, int users, long[] words) {
    this.usersMax = usersMax;
    this.users = users;
    this.words = words;
    this.bits = words.length * 64L;
  }

  /** An empty one with room for {@code users} and a fifth more. */
  public static WinnerFilter forUsers(int users) {
    int usersMax = (int) Math.min(USERS_MAX, Math.max(USERS_MIN, users + users / 5L));
    return new WinnerFilter(usersMax, 0, new long[wordsOf(usersMax)]);
  }

  private static int wordsOf(int usersMax) {
    return (int) ((usersMax * (long) BITS_A_USER + 63) / 64);
  }

  /**
   * @param hash {@link Bytes#hash64} of the user
   */
  public void add(long hash) {
    long step = Bytes.mix64(hash) | 1;
    for (int probe = 0; probe < PROBES; probe++) {
      long bit = place(hash);
      words[(int) (bit >>> 6)] |= 1L << bit;
      hash += step;
    }
    users++;
  }

  /** False = certainly never added. */
  public boolean mayContain(long hash) {
    long step = Bytes.mix64(hash) | 1;
    for (int probe = 0; probe < PROBES; probe++) {
      long bit = place(hash);
      if ((words[(int) (bit >>> 6)] & 1L << bit) == 0) {
        return false;
      }
      hash += step;
    }
    return true;
  }

  private long place(long hash) {
    return (hash >>> 32) * bits >>> 32;
  }

  /** Whether more users would make it say "perhaps" too often. */
  public boolean isFull() {
    return users >= usersMax;
  }

  public int sizeBytes() {
    return words.length * 8;
  }

  void writeTo(ByteWriter out) {
    out.varint(usersMax);
    out.varint(users);
    for (long word : words) {
      out.fixed64(word);
    }
  }

  static WinnerFilter readFrom(ByteReader in) {
    int usersMax = in.count(USERS_MAX);
    int users = in.count(Integer.MAX_VALUE);
    if (usersMax < USERS_MIN) {
      throw new CorruptRecord("a filter of " + usersMax + " users");
    }
    return new WinnerFilter(usersMax, users, in.fixed64s(wordsOf(usersMax)));
  }
}
