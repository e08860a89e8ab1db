package stampede.sale.engine;

import java.util.Arrays;
import java.util.function.LongConsumer;
import stampede.protocol.Bytes;
import stampede.protocol.SaleEvent.RefundReason;

/** Payments numbered from 0 in the order they came: which order each was for, and as what. */
final class Payments {
  static final byte PAYS = 0;
  static final byte LATE = 1;
  static final byte EXTRA = 2;
  private static final String[] TEXTS = {
    "paid", RefundReason.LATE.text(), RefundReason.EXTRA.text()
  };

  private final Interner ids = new Interner();
  private int[] orders = new int[64];
  private byte[] kinds = new byte[64];

  int size() {
    return ids.size();
  }

  /** Its number; −1 = it never came. */
  int find(Bytes payment) {
    return ids.find(payment);
  }

  /** Its number, a new one; −1 = it came before. */
  int add(Bytes payment, int order, byte kind) {
    int number = ids.size();
    if (ids.intern(payment) != number) {
      return -1;
    }
    if (number == orders.length) {
      orders = Arrays.copyOf(orders, number + (number >> 1));
      kinds = Arrays.copyOf(kinds, orders.length);
    }
    orders[number] = order;
    kinds[number] = kind;
    return number;
  }

  Bytes get(int payment) {
    return ids.get(payment);
  }

  int order(int payment) {
    return orders[payment];
  }

  byte kind(int payment) {
    return kinds[payment];
  }

  /** {@code paid}, {@code late_payment} or {@code extra_payment}. */
  String text(int payment) {
    return TEXTS[kinds[payment]];
  }

  void canonical(int from, int to, Orders all, LongConsumer out) {
    for (int payment = from; payment < to; payment++) {
      out.accept(ids.hash64(payment));
      out.accept(all.position(orders[payment]));
      out.accept(kinds[payment]);
    }
  }
}
