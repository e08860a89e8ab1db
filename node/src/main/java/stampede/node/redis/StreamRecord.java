package stampede.node.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;

/**
 * One record of a partition's stream, {@code <first>-0 e n b p c}, and back. A record with anything
 * missing, doubled, unknown or not a number is not guessed at: {@link CorruptRecord} names
 * partition, id and field.
 */
public final class StreamRecord {
  private static final List<String> FIELDS = List.of("e", "n", "b", "p", "c");
  private static final int POSITION_DIGITS_MAX = 15;

  private final int partition;
  private final String id;
  private final Map<String, Response> fields;

  private StreamRecord(int partition, String id, Map<String, Response> fields) {
    this.partition = partition;
    this.id = id;
    this.fields = fields;
  }

  static JournalEntry parse(int partition, Response record) {
    String id = record.get(0).toString();
    Response pairs = record.get(1);
    Map<String, Response> fields = new HashMap<>();
    StreamRecord parsed = new StreamRecord(partition, id, fields);
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      String name = pairs.get(i).toString();
      if (!FIELDS.contains(name)) {
        throw parsed.corrupt(name, "is unknown");
      }
      if (fields.put(name, pairs.get(i + 1)) != null) {
        throw parsed.corrupt(name, "is there twice");
      }
    }
    return parsed.entry();
  }

  /** Adds to a stream that nobody owns; an owner's {@code append.lua} looks at the lease too. */
  public static Request add(JournalEntry entry) {
    return Request.cmd(
        Command.XADD,
        JournalKeys.log(entry.partition()),
        entry.first() + "-0",
        "e",
        entry.epoch(),
        "n",
        entry.count(),
        "b",
        entry.batch(),
        "p",
        entry.payload(),
        "c",
        crcText(entry));
  }

  /** The checksum as the stream's text. */
  public static String crcText(JournalEntry entry) {
    return Integer.toUnsignedString(entry.crc());
  }

  private JournalEntry entry() {
    int digits = id.length() - 2;
    boolean isPosition = digits <= POSITION_DIGITS_MAX && isNumber(id, 0, digits);
    if (!isPosition || id.charAt(0) == '0' || !id.endsWith("-0")) {
      throw corrupt("id", "is not <position>-0");
    }
    long first = Long.parseLong(id, 0, digits, 10);
    return new JournalEntry(
        partition,
        number("e", 0, Long.MAX_VALUE),
        first,
        (int) number("n", 0, Integer.MAX_VALUE),
        number("b", Long.MIN_VALUE, Long.MAX_VALUE),
        field("p").toBytes(),
        (int) number("c", 0, 0xFFFF_FFFFL));
  }

  private long number(String name, long min, long max) {
    String text = field(name).toString();
    try {
      if (isNumber(text, text.startsWith("-") ? 1 : 0, text.length())) {
        long value = Long.parseLong(text);
        if (value >= min && value <= max) {
          return value;
        }
      }
    } catch (NumberFormatException e) {
      // falls through: more digits than a long holds
    }
    throw corrupt(name, "is '" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'");
  }

  /** Decimal digits, at least one. By hand: patterns here were a tenth of a persist node's work. */
  private static boolean isNumber(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return from < to;
  }

  private Response field(String name) {
    Response value = fields.get(name);
    if (value == null) {
      throw corrupt(name, "is missing");
    }
    return value;
  }

  private CorruptRecord corrupt(String field, String what) {
    return new CorruptRecord(
        "journal of partition " + partition + ", entry " + id + ": field " + field + " " + what);
  }
}
