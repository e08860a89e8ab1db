package stampede.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * Published by an owner once durable: orders whose status changed, for the sockets of their users.
 * Best effort.
 */
public record OrderNews(List<Change> changes) {
  /** Changes in one message: of a claimed order two hear, its device and its user. */
  public static final int CHANGES_MAX = 2 * Limits.ENTRY_EVENTS_MAX;

  /**
   * {@code status}: {@code paid}, {@code released}, {@code late_payment} or {@code extra_payment};
   * {@code at} epoch ms.
   */
  public record Change(long order, long item, Bytes user, String status, long at) {}

  public byte[] encode() {
    ByteWriter out = new ByteWriter(16 + 48 * changes.size());
    out.varint(changes.size());
    for (Change change : changes) {
      out.varint(change.order);
      out.varint(change.item);
      out.bytes(change.user);
      out.text(change.status);
      out.varint(change.at);
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no news
   */
  public static OrderNews decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int count = in.count(CHANGES_MAX);
    List<Change> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      changes.add(new Change(in.varint(), in.varint(), in.bytes(), in.text(64), in.varint()));
    }
    in.expectEnd();
    return new OrderNews(changes);
  }
}
