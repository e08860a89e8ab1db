package stampede.rig.check.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import stampede.rig.check.Dump;
import stampede.rig.check.log.LogEvent.Portion;

/**
 * An entry of a stream into events, by the written format alone.
 *
 * <pre>
 *   id  first position, "-0"
 *   e   epoch           decimal text
 *   n   events          decimal text
 *   b   batch           decimal text
 *   p   payload         version 1 to 3, then per event: type, members, time
 *   c   CRC-32C         decimal text, over LEB128(partition, epoch, first, n, batch) and payload
 * </pre>
 */
final class LogDecoder {
  private static final int VERSION_MAX = 3;
  private static final int EVENTS_MAX = 1_000;
  private static final String[] RELEASE_REASONS = {"expired", "cancelled", "unclaimed"};
  private static final String[] REFUND_REASONS = {"late_payment", "extra_payment"};

  private LogDecoder() {}

  /**
   * An entry.
   *
   * @param fault empty if the content is what was written
   */
  record Group(
      long epoch, long first, int count, String batch, List<LogEvent> events, String fault) {
    long last() {
      return first + count - 1;
    }
  }

  /**
   * @throws Payload.Damaged if there is no telling what the events were
   */
  static Group decode(Dump.Entry entry) {
    if (!entry.id().matches("[1-9][0-9]{0,14}-0")) {
      throw new Payload.Damaged("its id is no position");
    }
    if (entry.fields().size() != 5) {
      throw new Payload.Damaged("it has " + entry.fields().size() + " fields, not 5");
    }
    long first = Long.parseLong(entry.id().substring(0, entry.id().length() - 2));
    long epoch = number(entry, "e");
    long count = number(entry, "n");
    long batch = number(entry, "b");
    byte[] payload = bytes(entry, "p");
    if (count < 1 || count > EVENTS_MAX) {
      throw new Payload.Damaged("it claims " + count + " events");
    }
    long crc = crc(new long[] {entry.partition(), epoch, first, count, batch}, payload);
    long written = number(entry, "c");
    String fault = crc == written ? "" : "crc is " + written + ", the content's is " + crc;
    List<LogEvent> events = events(new Payload(payload), first, (int) count);
    return new Group(epoch, first, (int) count, Long.toUnsignedString(batch), events, fault);
  }

  private static long crc(long[] header, byte[] payload) {
    CRC32C crc = new CRC32C();
    for (long number : header) {
      long rest = number;
      while (rest < 0 || rest > 0x7f) {
        crc.update((int) (rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      crc.update((int) rest);
    }
    crc.update(payload);
    return crc.getValue();
  }

  private static byte[] bytes(Dump.Entry entry, String name) {
    for (Dump.Field field : entry.fields()) {
      if (field.name().equals(name)) {
        return field.value();
      }
    }
    throw new Payload.Damaged("field " + name + " is missing");
  }

  private static long number(Dump.Entry entry, String name) {
    String text = new String(bytes(entry, name), StandardCharsets.ISO_8859_1);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Payload.Damaged("field " + name + " is no number");
    }
  }

  private static List<LogEvent> events(Payload in, long first, int count) {
    int version = in.octet();
    if (version < 1 || version > VERSION_MAX) {
      throw new Payload.Damaged("its version is " + version);
    }
    List<LogEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(event(in, first + i));
    }
    if (!in.isAtEnd()) {
      throw new Payload.Damaged("it has more than its " + count + " events");
    }
    return events;
  }

  private static LogEvent event(Payload in, long p) {
    int type = in.octet();
    return switch (type) {
      case 1 -> new LogEvent.Owned(p, in.number(), in.text(), in.number(), in.number());
      case 2 -> published(in, p, false);
      case 3 -> new LogEvent.Opened(p, in.number(), in.number());
      case 4 -> new LogEvent.Ended(p, in.number(), in.number());
      case 5 ->
          new LogEvent.Accepted(
              p, in.number(), in.text(), in.text(), units(in), in.number(), in.number());
      case 6 -> new LogEvent.Paid(p, in.number(), in.number(), units(in), in.text(), in.number());
      case 7 ->
          new LogEvent.Released(
              p, in.number(), in.number(), units(in), one(in, RELEASE_REASONS), in.number());
      case 8 ->
          new LogEvent.RefundDue(p, in.number(), in.text(), one(in, REFUND_REASONS), in.number());
      case 9 -> new LogEvent.PortionReleased(p, in.number(), units(in), in.number(), in.number());
      case 10 -> steered(in, p);
      case 11 -> published(in, p, true);
      case 12 ->
          new LogEvent.Claimed(p, in.number(), in.number(), units(in), in.text(), in.number());
      case 13 -> new LogEvent.Archived(p, in.number(), numbers(in), in.number());
      case 14 -> restated(in, p);
      case 15 -> new LogEvent.Cut(p, in.number(), in.number(), in.number());
      default -> throw new Payload.Damaged("event " + p + " is of type " + type);
    };
  }

  private static List<Long> numbers(Payload in) {
    List<Long> numbers = new ArrayList<>();
    for (int left = in.small(EVENTS_MAX); left > 0; left--) {
      numbers.add(in.number());
    }
    return List.copyOf(numbers);
  }

  private static LogEvent restated(Payload in, long position) {
    List<String> blocked = new ArrayList<>();
    for (int left = in.small(EVENTS_MAX); left > 0; left--) {
      blocked.add(in.text());
    }
    for (int left = in.small(EVENTS_MAX); left > 0; left--) {
      in.number(); // a limit of the edges
      in.number(); // and its value
    }
    return new LogEvent.Restated(position, List.copyOf(blocked), in.number());
  }

  private static int units(Payload in) {
    return in.small(Integer.MAX_VALUE);
  }

  private static String one(Payload in, String[] texts) {
    int code = in.octet();
    if (code >= texts.length) {
      throw new Payload.Damaged("reason " + code + " does not exist");
    }
    return texts[code];
  }

  private static LogEvent published(Payload in, long position, boolean more) {
    long item = in.number();
    long session = in.number();
    in.text(); // title
    long price = in.number();
    in.number(); // list price
    String currency = in.text();
    long opensAt = in.number();
    long closesAt = in.number();
    long stock = in.number();
    int limitPerUser = units(in);
    long payWithinMs = in.number();
    in.number(); // cooldown
    in.number(); // gate
    List<Portion> portions = portions(in);
    long[] members = more ? members(in) : new long[4];
    warrant(in);
    return new LogEvent.Published(
        position,
        item,
        session,
        price,
        currency,
        opensAt,
        closesAt,
        stock,
        limitPerUser,
        payWithinMs,
        portions,
        (int) members[1],
        (int) members[2],
        members[3],
        in.number());
  }

  /** By their tags: 1 an order's, 2 a session's; tag 0 ends them. */
  /** Limits per order and session; how long an order may wait for a claim, ms. */
  private static long[] members(Payload in) {
    long[] members = new long[4];
    for (int tag = in.octet(); tag != 0; tag = in.octet()) {
      if (tag >= members.length) {
        throw new Payload.Damaged("an item's member " + tag + " does not exist");
      }
      members[tag] = tag == 3 ? in.number() : units(in);
    }
    return members;
  }

  private static List<Portion> portions(Payload in) {
    int count = in.small(1_000);
    List<Portion> portions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      portions.add(new Portion(in.number(), in.number()));
    }
    return List.copyOf(portions);
  }

  private static LogEvent steered(Payload in, long position) {
    int code = in.octet();
    if (code < 1 || code > LogEvent.Steering.values().length) {
      throw new Payload.Damaged("steering " + code + " does not exist");
    }
    long subject = in.number();
    long value = in.number();
    String user = in.text();
    warrant(in);
    in.text(); // before
    in.text(); // after
    LogEvent.Steering steering = LogEvent.Steering.values()[code - 1];
    return new LogEvent.Steered(position, steering, subject, value, user, in.number());
  }

  private static void warrant(Payload in) {
    in.text(); // by
    in.text(); // reason
    in.text(); // key
    in.octet(); // audited
  }
}
