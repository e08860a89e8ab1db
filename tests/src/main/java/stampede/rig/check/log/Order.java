package stampede.rig.check.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.Key;
import stampede.rig.check.log.LogEvent.Accepted;
import stampede.rig.check.log.LogEvent.Claimed;
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
  private @Nullable Claimed claim;

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

  /** Null = nobody has claimed it. */
  public @Nullable Claimed claim() {
    return claim;
  }

  /** Until when a user must have claimed it; 0 = it needs no claim. */
  public long claimBy() {
    long withinMs = item.published().claimWithinMs();
    return withinMs > 0 && isOfDevice(accepted.user()) ? accepted.at() + withinMs : 0;
  }

  static boolean isOfDevice(String user) {
    return user.startsWith("device:");
  }

  /** Whether that user shook for it or claimed it. */
  public boolean isOf(String user) {
    return accepted.user().equals(user) || claim != null && claim.user().equals(user);
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

  void claimed(Claimed event) {
    claim = event;
  }

  void end(LogEvent event) {
    ending = event;
  }
}
