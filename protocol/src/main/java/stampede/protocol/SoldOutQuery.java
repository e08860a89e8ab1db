package stampede.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An edge asks an owner which of these items are sold out, and who has an order of them: with the
 * answer it may refuse everybody else by itself, for a moment. What it rests on is durable, so a
 * position says the same under every owner. The answer speaks of the time at which the question was
 * <em>sent</em> or later: who counts its age from there is never deceived by what lay about.
 */
public record SoldOutQuery(int partition, List<Wanted> items) {
  /** Items in one question. */
  public static final int ITEMS_MAX = 64;

  /** Users of one item named in an answer; beyond that the whole filter is sent. */
  public static final int ADDED_MAX = 1_000;

  /** Bytes of the whole filters in one answer, unless one alone has more. */
  public static final int FILTER_BYTES_MAX = 2_000_000;

  /**
   * @param knownPosition up to which the asker's filter knows all orders; 0 = it has none
   */
  public record Wanted(long item, long knownPosition) {}

  /**
   * @param items what can be said; those that are not sold out, or of which this owner does not
   *     know yet, are left out
   * @param position durable: all that is said is true there
   */
  public record Answer(long position, List<Item> items) {
    /** Nothing can be said of any item. */
    public static final Answer NOTHING = new Answer(0, List.of());

    public byte[] encode() {
      ByteWriter out = new ByteWriter(64);
      out.varint(position);
      out.varint(items.size());
      for (Item item : items) {
        item.writeTo(out);
      }
      return out.toByteArray();
    }

    /**
     * @throws CorruptRecord if the bytes are no answer
     */
    public static Answer decode(byte[] bytes) {
      ByteReader in = new ByteReader(bytes);
      long position = in.varint();
      int count = in.count(ITEMS_MAX);
      List<Item> items = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        items.add(Item.readFrom(in));
      }
      in.expectEnd();
      return new Answer(position, items);
    }
  }

  /**
   * An item of which nothing is available.
   *
   * @param lastsMs until then nothing comes back or ends by the time alone, reckoned from the
   *     answer
   * @param whole the users of all orders up to the position; null = {@code added} is enough
   * @param added hashes of the users of the orders behind the position that was known
   */
  public record Item(long item, long lastsMs, @Nullable WinnerFilter whole, long[] added) {
    private void writeTo(ByteWriter out) {
      out.varint(item);
      out.varint(lastsMs);
      out.u8(whole == null ? 0 : 1);
      if (whole != null) {
        whole.writeTo(out);
      }
      out.varint(added.length);
      for (long hash : added) {
        out.fixed64(hash);
      }
    }

    private static Item readFrom(ByteReader in) {
      long item = in.varint();
      long lastsMs = in.varint();
      WinnerFilter whole = in.u8() == 0 ? null : WinnerFilter.readFrom(in);
      long[] added = in.fixed64s(in.count(ADDED_MAX));
      return new Item(item, lastsMs, whole, added);
    }
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(16 + 12 * items.size());
    out.varint(partition);
    out.varint(items.size());
    for (Wanted wanted : items) {
      out.varint(wanted.item);
      out.varint(wanted.knownPosition);
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no such question
   */
  public static SoldOutQuery decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int partition = in.count(PartitionMap.PARTITIONS_MAX - 1);
    int count = in.count(ITEMS_MAX);
    List<Wanted> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(new Wanted(in.varint(), in.varint()));
    }
    in.expectEnd();
    return new SoldOutQuery(partition, items);
  }
}
