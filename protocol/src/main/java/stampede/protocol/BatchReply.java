package stampede.protocol;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Reply.ItemIs;
import stampede.protocol.Reply.OrderIs;
import stampede.protocol.Reply.PaymentIs;
import stampede.protocol.Reply.Refused;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.Reply.Steered;

/** What becomes of a {@link CommandBatch}. */
public sealed interface BatchReply {

  /** One reply a command, in their order; all durable. */
  record Answered(List<Reply> replies) implements BatchReply {}

  /**
   * Nothing was done. {@code node} and {@code address} are empty when the answering node does not
   * know the owner.
   */
  record NotOwner(long epoch, String node, String address) implements BatchReply {}

  /** Decided perhaps, durable perhaps: ask again with the same commands. */
  record Pending() implements BatchReply {}

  /**
   * Nothing was done: the owner has as much waiting as it may have, or must not answer at the
   * moment.
   */
  record Busy(long retryAfterMs) implements BatchReply {}

  int ANSWERED = 1;
  int NOT_OWNER = 2;
  int PENDING = 3;
  int BUSY = 4;

  int SHAKEN = 1;
  int ORDER_IS = 2;
  int PAYMENT_IS = 3;
  int ITEM_IS = 4;
  int STEERED = 5;
  int REFUSED = 6;

  /** An item that has more members than {@link #ITEM_IS} tells of. */
  int ITEM_IS_MORE = 7;

  /** Bytes of the longest text in a reply. */
  int TEXT_BYTES_MAX = 8_192;

  /** Orders a {@code limit_reached} may name: as many as the highest limit. */
  int ORDERS_MAX = Limits.QUANTITY_MAX;

  default byte[] encode() {
    ByteWriter out = new ByteWriter(64);
    if (this instanceof Answered answered) {
      out = new ByteWriter(16 + answered.replies.size() * bytesOfOne(answered.replies));
      out.u8(ANSWERED);
      out.varint(answered.replies.size());
      for (Reply reply : answered.replies) {
        write(reply, out);
      }
    } else if (this instanceof NotOwner notOwner) {
      out.u8(NOT_OWNER);
      out.varint(notOwner.epoch);
      out.text(notOwner.node);
      out.text(notOwner.address);
    } else if (this instanceof Pending) {
      out.u8(PENDING);
    } else if (this instanceof Busy busy) {
      out.u8(BUSY);
      out.varint(busy.retryAfterMs);
    } else {
      throw new AssertionError(this);
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no reply
   */
  static BatchReply decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int type = in.u8();
    BatchReply reply =
        switch (type) {
          case ANSWERED -> new Answered(readReplies(in));
          case NOT_OWNER ->
              new NotOwner(in.varint(), in.text(TEXT_BYTES_MAX), in.text(TEXT_BYTES_MAX));
          case PENDING -> new Pending();
          case BUSY -> new Busy(in.varint());
          default -> throw new CorruptRecord("batch reply type " + type + " does not exist");
        };
    in.expectEnd();
    return reply;
  }

  /** A guess that seldom makes the writer grow: most batches are of one kind. */
  private static int bytesOfOne(List<Reply> replies) {
    boolean bare =
        replies.isEmpty() || replies.get(0) instanceof Shaken said && said.order() == null;
    return bare ? 24 : 96;
  }

  private static List<Reply> readReplies(ByteReader in) {
    int count = in.count(Limits.BATCH_COMMANDS_MAX);
    List<Reply> replies = new ArrayList<>(count);
    try {
      for (int i = 0; i < count; i++) {
        replies.add(read(in));
      }
    } catch (InvalidField e) {
      throw new CorruptRecord("a reply with an impossible value: " + e.getMessage());
    }
    return replies;
  }

  private static void write(Reply reply, ByteWriter out) {
    if (reply instanceof Shaken r) {
      out.u8(SHAKEN);
      out.u8(r.outcome().code());
      out.varint(r.position());
      out.varint(r.at());
      writeDetails(r, out);
    } else if (reply instanceof OrderIs r) {
      out.u8(ORDER_IS);
      out.varint(r.position());
      writeOrder(r.order(), out);
    } else if (reply instanceof PaymentIs r) {
      out.u8(PAYMENT_IS);
      out.varint(r.position());
      out.text(r.status());
      writeOrder(r.order(), out);
    } else if (reply instanceof ItemIs r) {
      out.u8(EventCodec.hasMore(r.item()) ? ITEM_IS_MORE : ITEM_IS);
      writeItemIs(r, out);
    } else if (reply instanceof Steered r) {
      out.u8(STEERED);
      out.varint(r.position());
      out.text(r.before());
      out.text(r.after());
    } else if (reply instanceof Refused r) {
      out.u8(REFUSED);
      out.varint(r.position());
      out.text(r.code());
      out.text(r.detail());
    } else {
      throw new AssertionError(reply);
    }
  }

  private static Reply read(ByteReader in) {
    int type = in.u8();
    return switch (type) {
      case SHAKEN -> readShaken(in);
      case ORDER_IS -> new OrderIs(in.varint(), readOrder(in));
      case PAYMENT_IS -> new PaymentIs(in.varint(), in.text(TEXT_BYTES_MAX), readOrder(in));
      case ITEM_IS -> readItemIs(in, false);
      case ITEM_IS_MORE -> readItemIs(in, true);
      case STEERED -> new Steered(in.varint(), in.text(TEXT_BYTES_MAX), in.text(TEXT_BYTES_MAX));
      case REFUSED -> new Refused(in.varint(), in.text(TEXT_BYTES_MAX), in.text(TEXT_BYTES_MAX));
      default -> throw new CorruptRecord("reply type " + type + " does not exist");
    };
  }

  /**
   * Most replies of a hot sale are a bare {@code sold_out}: only what an outcome has is written.
   */
  private static void writeDetails(Shaken r, ByteWriter out) {
    switch (r.outcome()) {
      case ACCEPTED -> {
        if (r.order() == null) {
          throw new AssertionError("accepted without an order");
        }
        out.u8(r.again() ? 1 : 0);
        writeOrder(r.order(), out);
      }
      case LIMIT_REACHED -> {
        out.varint(r.orders().length);
        for (long order : r.orders()) {
          out.varint(order);
        }
      }
      case NOT_OPEN -> out.varint(r.opensAt());
      case INVALID -> {
        out.text(r.code());
        out.text(r.detail());
      }
      default -> {}
    }
  }

  private static Shaken readShaken(ByteReader in) {
    Outcome outcome = Outcome.ofCode(in.u8());
    long position = in.varint();
    long at = in.varint();
    return switch (outcome) {
      case ACCEPTED -> {
        boolean again = in.u8() == 1;
        yield Shaken.accepted(readOrder(in), position, at, again);
      }
      case LIMIT_REACHED -> {
        long[] orders = new long[in.count(ORDERS_MAX)];
        for (int i = 0; i < orders.length; i++) {
          orders[i] = in.varint();
        }
        yield Shaken.limitReached(orders, position, at);
      }
      case NOT_OPEN -> Shaken.notOpen(in.varint(), position, at);
      case INVALID ->
          Shaken.invalid(in.text(TEXT_BYTES_MAX), in.text(TEXT_BYTES_MAX), position, at);
      default -> Shaken.of(outcome, position, at);
    };
  }

  private static void writeOrder(OrderFact order, ByteWriter out) {
    out.varint(order.order());
    out.varint(order.item());
    out.bytes(order.user());
    out.bytes(order.key());
    out.varint(order.quantity());
    out.varint(order.price());
    out.text(order.currency());
    out.u8(order.status().ordinal());
    out.varint(order.acceptedAt());
    out.varint(order.payBy());
    out.varint(order.paidAt());
    out.bytes(order.payment());
    out.varint(order.releasedAt());
    out.text(order.releaseReason());
    out.varint(order.claimBy());
    out.bytes(order.claimedBy());
    out.varint(order.claimedAt());
  }

  private static OrderFact readOrder(ByteReader in) {
    return new OrderFact(
        in.varint(),
        in.varint(),
        in.bytes(),
        in.bytes(),
        in.count(Limits.QUANTITY_MAX),
        in.varint(),
        in.text(64),
        OrderStatus.ofCode(in.u8()),
        in.varint(),
        in.varint(),
        in.varint(),
        in.bytes(),
        in.varint(),
        in.text(64),
        in.varint(),
        in.bytes(),
        in.varint());
  }

  private static void writeItemIs(ItemIs r, ByteWriter out) {
    out.varint(r.position());
    out.varint(r.at());
    EventCodec.writeItem(r.item(), out);
    out.u8(r.state().ordinal());
    out.u8(r.level().ordinal());
    out.varint(r.available());
    out.varint(r.held());
    out.varint(r.sold());
    out.varint(r.stock());
    out.varint(r.gate());
    out.varint(r.cooldownMs());
    out.varint(r.nextReleaseAt());
  }

  private static ItemIs readItemIs(ByteReader in, boolean more) {
    return new ItemIs(
        in.varint(),
        in.varint(),
        EventCodec.readItem(in, more),
        ItemState.ofCode(in.u8()),
        StockLevel.ofCode(in.u8()),
        in.varint(),
        in.varint(),
        in.varint(),
        in.varint(),
        in.count(Limits.GATE_OPEN),
        in.varint(),
        in.varint());
  }
}
