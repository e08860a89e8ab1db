package stampede.rig.check.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.Key;
import stampede.rig.check.log.LogEvent.Accepted;
import stampede.rig.check.log.LogEvent.Paid;
import stampede.rig.check.log.LogEvent.RefundDue;
import stampede.rig.check.log.LogEvent.Released;

/** An order as the log tells its life. Changed by {@link Books} alone. */
public final class Order {
  private static final int POSITION_BITS = 44;

  private final int partition;
  private final Accepted accepted;
  private final Item item;
  private final List<RefundDue> refunds = new ArrayList<>(0);
  private @Nullable LogEvent ending;

  Order(int partition, Accepted accepted, Item item) {
    this.partition = partition;
    this.accepted = accepted;
    this.item = item;
  }

  /** The id of the order accepted there. */
  public static long id(int partition, long position) {
    return ((long) partition << POSITION_BITS) + position;
  }

  /** The partition an order's id names. */
  public static int partitionOf(long id) {
    return (int) (id >>> POSITION_BITS);
  }

  public long id() {
    return id(partition, accepted.position());
  }

  public int partition() {
    return partition;
  }

  public Accepted accepted() {
    return accepted;
  }

  public Item item() {
    return item;
  }

  public Key key() {
    return new Key(accepted.user(), accepted.item(), accepted.key());
  }

  /** {@link Paid}, {@link Released} or null. */
  public @Nullable LogEvent ending() {
    return ending;
  }

  public List<RefundDue> refunds() {
    return refunds;
  }

  public String status() {
    return statusAt(Long.MAX_VALUE);
  }

  public String statusAt(long position) {
    if (ending == null || ending.position() > position) {
      return "held";
    }
    return ending instanceof Paid ? "paid" : "released";
  }

  void end(LogEvent event) {
    ending = event;
  }
}
