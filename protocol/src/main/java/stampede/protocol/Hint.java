package stampede.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * Published by an owner: where a partition is owned and what its items look like. Something to show
 * or to route by, never to decide on. The higher (epoch, position) wins; an equal one is newer news
 * of the same state.
 *
 * @param node name of the owner, {@code address} where it takes {@link CommandBatch}es
 * @param position durable when this was sent
 * @param now the owner's time, epoch ms
 * @param serving false while the owner can't answer at the moment
 * @param items those that changed since the last hint; at least once a second all that have not
 *     ended (of a large partition a part)
 * @param limits what operators have set for all edges, all of it in every hint; of partition {@link
 *     PartitionMap#LIMITS_PARTITION} only
 */
public record Hint(
    int partition,
    long epoch,
    String node,
    String address,
    long position,
    long now,
    boolean serving,
    String status,
    long stateHash,
    List<Item> items,
    List<Limit> limits) {

  /** Items in one hint. */
  public static final int ITEMS_MAX = 1_000;

  private static final int LIMITS_MAX = 1_000;

  /**
   * {@code gate} in millionths; {@code cooldownMs} as it is now; {@code opensAt} (epoch ms) as
   * published; {@code nextReleaseAt} 0 = none.
   */
  public record Item(
      long item,
      ItemState state,
      StockLevel level,
      int gate,
      long cooldownMs,
      long opensAt,
      long nextReleaseAt) {}

  /** An {@link EdgeLimit} by its code; an edge leaves alone what it does not know. */
  public record Limit(int code, long value) {}

  /** Of a partition that keeps no limits. */
  public Hint(
      int partition,
      long epoch,
      String node,
      String address,
      long position,
      long now,
      boolean serving,
      String status,
      long stateHash,
      List<Item> items) {
    this(
        partition, epoch, node, address, position, now, serving, status, stateHash, items,
        List.of());
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(96 + 32 * items.size());
    out.varint(partition);
    out.varint(epoch);
    out.text(node);
    out.text(address);
    out.varint(position);
    out.varint(now);
    out.u8(serving ? 1 : 0);
    out.text(status);
    out.varint(stateHash);
    out.varint(items.size());
    for (Item item : items) {
      out.varint(item.item);
      out.u8(item.state.ordinal());
      out.u8(item.level.ordinal());
      out.varint(item.gate);
      out.varint(item.cooldownMs);
      out.varint(item.opensAt);
      out.varint(item.nextReleaseAt);
    }
    out.varint(limits.size());
    for (Limit limit : limits) {
      out.varint(limit.code);
      out.varint(limit.value);
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no hint
   */
  public static Hint decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    Hint hint =
        new Hint(
            in.count(PartitionMap.PARTITIONS_MAX - 1),
            in.varint(),
            in.text(256),
            in.text(512),
            in.varint(),
            in.varint(),
            in.u8() == 1,
            in.text(256),
            in.varint(),
            readItems(in),
            readLimits(in));
    in.expectEnd();
    return hint;
  }

  private static List<Item> readItems(ByteReader in) {
    int count = in.count(ITEMS_MAX);
    List<Item> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(
          new Item(
              in.varint(),
              ItemState.ofCode(in.u8()),
              StockLevel.ofCode(in.u8()),
              in.count(Limits.GATE_OPEN),
              in.varint(),
              in.varint(),
              in.varint()));
    }
    return items;
  }

  private static List<Limit> readLimits(ByteReader in) {
    int count = in.count(LIMITS_MAX);
    List<Limit> limits = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      limits.add(new Limit(in.count(Integer.MAX_VALUE), in.varint()));
    }
    return limits;
  }

  /** Several hints in one message, the reply to {@link Addresses#OWNERS}. */
  public static byte[] encodeAll(List<Hint> hints) {
    ByteWriter out = new ByteWriter(128 * (1 + hints.size()));
    out.varint(hints.size());
    for (Hint hint : hints) {
      out.bytes(hint.encode());
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no list of hints
   */
  public static List<Hint> decodeAll(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int count = in.count(PartitionMap.PARTITIONS_MAX);
    List<Hint> hints = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      hints.add(decode(in.byteArray(1 << 20)));
    }
    in.expectEnd();
    return hints;
  }
}
