package stampede.protocol;

/**
 * One node's word to another about giving a partition over. Sent to an owner by a node that stands
 * before it in the line and has read the log: release it in my favour. Published by an owner that
 * leaves: whoever is next, read the log and ask me. Sent to an owner by an edge in an operator's
 * name: release it, and come after all others for a while.
 *
 * @param epoch of the owner that is asked, or that leaves
 * @param node name of the sender, {@code address} where it takes {@link CommandBatch}es
 */
public record HandOver(int partition, long epoch, String node, String address) {

  /**
   * What an owner says to a node that asks.
   *
   * @param released everything it decided is durable and the lease is given up: acquire now
   * @param why when it is not: {@code not_serving}, {@code other_epoch}, {@code not_before_me},
   *     {@code leaving}, {@code no_other_node}, {@code ended} or {@code journal_unreachable}; else
   *     empty
   */
  public record Answer(boolean released, String why) {
    public byte[] encode() {
      ByteWriter out = new ByteWriter(16);
      out.u8(released ? 1 : 0);
      out.text(why);
      return out.toByteArray();
    }

    /**
     * @throws CorruptRecord if the bytes are no answer
     */
    public static Answer decode(byte[] bytes) {
      ByteReader in = new ByteReader(bytes);
      Answer answer = new Answer(in.u8() == 1, in.text(256));
      in.expectEnd();
      return answer;
    }
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(64);
    out.varint(partition);
    out.varint(epoch);
    out.text(node);
    out.text(address);
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no such word
   */
  public static HandOver decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    HandOver handOver =
        new HandOver(
            in.count(PartitionMap.PARTITIONS_MAX - 1), in.varint(), in.text(256), in.text(512));
    in.expectEnd();
    return handOver;
  }
}
