package stampede.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * Published by a persist node: how far its drains are. Best effort; others don't speak of a
 * partition that rests here, and for a moment two may drain one.
 *
 * @param node that drains the partitions
 * @param at the node's time, epoch ms
 */
public record DrainNews(String node, long at, List<DrainStatus> drains) {

  public byte[] encode() {
    ByteWriter out = new ByteWriter(64 + 32 * drains.size());
    out.text(node);
    out.varint(at);
    out.varint(drains.size());
    for (DrainStatus drain : drains) {
      out.varint(drain.partition());
      out.varint(drain.position());
      out.varint(drain.batch());
      out.u8(drain.mode().ordinal());
      Words.write(out, drain.error());
      out.varint(drain.attempts());
      out.varint(drain.lagMs());
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no such news
   */
  public static DrainNews decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    DrainNews news = new DrainNews(in.text(256), in.varint(), readDrains(in));
    in.expectEnd();
    return news;
  }

  private static List<DrainStatus> readDrains(ByteReader in) {
    int count = in.count(PartitionMap.PARTITIONS_MAX);
    List<DrainStatus> drains = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      drains.add(
          new DrainStatus(
              in.count(PartitionMap.PARTITIONS_MAX - 1),
              in.varint(),
              in.varint(),
              DrainStatus.Mode.ofCode(in.u8()),
              Words.read(in),
              in.count(Integer.MAX_VALUE),
              in.varint()));
    }
    return drains;
  }
}
