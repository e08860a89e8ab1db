package stampede.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * Published by an owner for operators, about five times a second: how much of a partition's items
 * is left, and how many orders were made. Never shown to shoppers, who learn a level only.
 *
 * @param epoch the three counts begin at 0 with it
 * @param accepted orders made durable in this epoch, {@code paid} and {@code released} likewise
 * @param items as decided, which may be a group ahead of the journal; all of them in turn, when
 *     there are more than {@link #ITEMS_MAX} only those that have not ended
 */
public record SaleFigures(
    int partition, long epoch, long accepted, long paid, long released, List<Item> items) {

  /** Items in one message. */
  public static final int ITEMS_MAX = 200;

  /** Units: {@code available + held + sold = stock}. */
  public record Item(
      long item, ItemState state, long available, long held, long sold, long stock) {}

  public byte[] encode() {
    ByteWriter out = new ByteWriter(32 + 24 * items.size());
    out.varint(partition);
    out.varint(epoch);
    out.varint(accepted);
    out.varint(paid);
    out.varint(released);
    out.varint(items.size());
    for (Item item : items) {
      out.varint(item.item);
      out.u8(item.state.ordinal());
      out.varint(item.available);
      out.varint(item.held);
      out.varint(item.sold);
      out.varint(item.stock);
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no such figures
   */
  public static SaleFigures decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    SaleFigures figures =
        new SaleFigures(
            in.count(PartitionMap.PARTITIONS_MAX - 1),
            in.varint(),
            in.varint(),
            in.varint(),
            in.varint(),
            readItems(in));
    in.expectEnd();
    return figures;
  }

  private static List<Item> readItems(ByteReader in) {
    int count = in.count(ITEMS_MAX);
    List<Item> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(
          new Item(
              in.varint(),
              ItemState.ofCode(in.u8()),
              in.varint(),
              in.varint(),
              in.varint(),
              in.varint()));
    }
    return items;
  }
}
