package stampede.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.StockLevel;
import stampede.protocol.port.Completion;

/** Owners that answer at once what a test says, and remember what they were asked. */
public final class ScriptedOwners implements Owners {
  public static final int PARTITIONS = 4;
  public static final Reply UNKNOWN_ORDER = new Reply.Refused(7, "unknown_order", "no such order");

  /** What comes: a {@link Reply}, a {@link Throwable}, or null for no answer at all. */
  public BiFunction<Integer, Command, @Nullable Object> script = (partition, command) -> null;

  private final List<Asked> asked = new ArrayList<>();

  public record Asked(int partition, Command command) {}

  public synchronized List<Asked> asked() {
    return List.copyOf(asked);
  }

  @Override
  public synchronized Waiting ask(int partition, Command command, Completion<Reply> reply) {
    asked.add(new Asked(partition, command));
    Object answer = script.apply(partition, command);
    if (answer instanceof Throwable failure) {
      reply.fail(failure);
    } else if (answer instanceof Reply good) {
      reply.succeed(good);
    }
    return new Waiting() {
      @Override
      public int ahead() {
        return 0;
      }

      @Override
      public long etaMs() {
        return 0;
      }
    };
  }

  @Override
  public int partitions() {
    return PARTITIONS;
  }

  public static long orderIn(int partition) {
    return PartitionMap.orderId(partition, 42);
  }

  /** That was accepted a moment ago. */
  static OrderFact held(long item, Bytes user, Bytes key, int quantity) {
    return new OrderFact(
        77, item, user, key, quantity, 100, "CNY", OrderStatus.HELD, 6, 900, 0, Bytes.EMPTY, 0, "");
  }

  public static OrderFact order(long order, String user, OrderStatus status) {
    boolean paid = status == OrderStatus.PAID;
    boolean released = status == OrderStatus.RELEASED;
    return new OrderFact(
        order,
        1001,
        Bytes.of(user),
        Bytes.of("k-1"),
        2,
        9_900,
        "CNY",
        status,
        1_000,
        2_000,
        paid ? 1_500 : 0,
        paid ? Bytes.of("pay-1") : Bytes.EMPTY,
        released ? 1_600 : 0,
        released ? "cancelled" : "");
  }

  public static Reply.ItemIs item(long id) {
    return item(id, ItemState.OPEN, StockLevel.LOW, 4_321);
  }

  public static Reply.ItemIs item(long id, ItemState state, StockLevel level, long at) {
    SaleItem item =
        new SaleItem(
            id,
            12,
            "Phone",
            9_900,
            19_900,
            "CNY",
            5_000,
            9_000,
            500,
            2,
            60_000,
            0,
            Limits.GATE_OPEN,
            List.of());
    return new Reply.ItemIs(77, at, item, state, level, 3, 4, 493, 500, 250_000, 7_000, 0);
  }
}
