package stampede.rig.check;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Both stores as they were found, nothing interpreted. Read MySQL first, in one snapshot, and Redis
 * after it: then no cursor can rightly be ahead of a log.
 *
 * <p>Ids of users, keys and payments are bytes; {@link #text} says which text stands for them. What
 * is NULL in MySQL is 0 or empty here. In a file it is a JSON object a line, {@code dump.jsonl}.
 *
 * @param partitions how many there are
 * @param dumpedAtMs epoch ms by the clock of Redis, after the last entry was read
 * @param log all entries of all streams, in the order of each stream
 * @param owners the hashes beside the streams; a partition never owned has none
 */
public record Dump(
    int partitions,
    long dumpedAtMs,
    List<Entry> log,
    List<Owner> owners,
    List<Order> orders,
    List<Claim> claims,
    List<Refund> refunds,
    List<Stock> stock,
    List<Cursor> cursors) {
  private static final String FILE = "dump.jsonl";

  /** One entry of the stream {@code st:{partition}:log}. */
  public record Entry(int partition, String id, List<Field> fields) {}

  /** One field of a stream's entry. */
  public record Field(String name, byte[] value) {}

  /** The hash {@code st:{partition}:own}: who owns the partition, and where its log ends. */
  public record Owner(int partition, String node, long epoch, long position, String lastBatch) {}

  /** A row of {@code sale_order}. */
  public record Order(
      long order,
      long item,
      String user,
      String key,
      int quantity,
      long price,
      String currency,
      String status,
      long acceptedAt,
      long payBy,
      long paidAt,
      String payment,
      long releasedAt,
      String releaseReason,
      String refundPayment,
      String refundReason,
      long refundAt,
      long claimBy,
      String claimedBy,
      long claimedAt,
      int partition,
      long position) {}

  /** A row of {@code sale_claim}. */
  public record Claim(long order, String claimedBy, long claimedAt, int partition, long position) {}

  /** A row of {@code sale_refund}. */
  public record Refund(
      long order, String payment, String reason, long dueAt, int partition, long position) {}

  /** A row of {@code item_stock}. */
  public record Stock(long item, long available, long held, long sold, long stock, long position) {}

  /** A row of {@code drain_cursor}; {@code batch} as unsigned decimal text. */
  public record Cursor(int partition, long position, String batch, long batchFirst) {}

  public Dump {
    log = List.copyOf(log);
    owners = List.copyOf(owners);
    orders = List.copyOf(orders);
    claims = List.copyOf(claims);
    refunds = List.copyOf(refunds);
    stock = List.copyOf(stock);
    cursors = List.copyOf(cursors);
  }

  /** UTF-8 if it is that, else {@code 0x} and hexadecimal digits. */
  public static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return "0x" + HexFormat.of().formatHex(bytes);
    }
  }

  /** Into a directory; an earlier dump there is replaced. */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (BufferedWriter out = Files.newBufferedWriter(directory.resolve(FILE))) {
      line(out, row("dump").put("partitions", partitions).put("dumpedAtMs", dumpedAtMs));
      for (Entry each : log) {
        line(out, json(each));
      }
      for (Owner each : owners) {
        line(out, json(each));
      }
      for (Order each : orders) {
        line(out, json(each));
      }
      for (Claim each : claims) {
        line(out, json(each));
      }
      for (Refund each : refunds) {
        line(out, json(each));
      }
      for (Stock each : stock) {
        line(out, json(each));
      }
      for (Cursor each : cursors) {
        line(out, json(each));
      }
      line(out, row("end"));
    }
  }

  private static void line(BufferedWriter out, JsonLine line) throws IOException {
    out.write(line.toString());
    out.write('\n');
  }

  private static JsonLine row(String kind) {
    return new JsonLine().put("row", kind);
  }

  private static JsonLine json(Entry e) {
    StringBuilder fields = new StringBuilder();
    for (Field field : e.fields) {
      fields.append(fields.isEmpty() ? "" : " ").append(field.name).append(':');
      fields.append(Base64.getEncoder().encodeToString(field.value));
    }
    return row("entry").put("partition", e.partition).put("id", e.id).put("fields", fields + "");
  }

  private static JsonLine json(Owner o) {
    return row("owner")
        .put("partition", o.partition)
        .put("node", o.node)
        .put("epoch", o.epoch)
        .put("position", o.position)
        .put("lastBatch", o.lastBatch);
  }

  private static JsonLine json(Order o) {
    return row("sale_order")
        .putId("order", o.order)
        .putId("item", o.item)
        .put("user", o.user)
        .put("key", o.key)
        .put("quantity", o.quantity)
        .put("price", o.price)
        .put("currency", o.currency)
        .put("status", o.status)
        .put("acceptedAt", o.acceptedAt)
        .put("payBy", o.payBy)
        .putUnless(0, "paidAt", o.paidAt)
        .putIfAny("payment", o.payment)
        .putUnless(0, "releasedAt", o.releasedAt)
        .putIfAny("releaseReason", o.releaseReason)
        .putIfAny("refundPayment", o.refundPayment)
        .putIfAny("refundReason", o.refundReason)
        .putUnless(0, "refundAt", o.refundAt)
        .putUnless(0, "claimBy", o.claimBy)
        .putIfAny("claimedBy", o.claimedBy)
        .putUnless(0, "claimedAt", o.claimedAt)
        .put("partition", o.partition)
        .put("position", o.position);
  }

  private static JsonLine json(Claim c) {
    return row("sale_claim")
        .putId("order", c.order)
        .put("claimedBy", c.claimedBy)
        .put("claimedAt", c.claimedAt)
        .put("partition", c.partition)
        .put("position", c.position);
  }

  private static JsonLine json(Refund r) {
    return row("sale_refund")
        .putId("order", r.order)
        .put("payment", r.payment)
        .put("reason", r.reason)
        .put("dueAt", r.dueAt)
        .put("partition", r.partition)
        .put("position", r.position);
  }

  private static JsonLine json(Stock s) {
    return row("item_stock")
        .putId("item", s.item)
        .put("available", s.available)
        .put("held", s.held)
        .put("sold", s.sold)
        .put("stock", s.stock)
        .put("position", s.position);
  }

  private static JsonLine json(Cursor c) {
    return row("drain_cursor")
        .put("partition", c.partition)
        .put("position", c.position)
        .put("batch", c.batch)
        .put("batchFirst", c.batchFirst);
  }

  /**
   * @throws IllegalArgumentException naming the line that cannot be read, or if the end is missing
   */
  public static Dump read(Path directory) throws IOException {
    Reader reader = new Reader();
    History.read(directory.resolve(FILE), reader);
    return reader.dump();
  }

  private static final class Reader implements History.Taker {
    private final List<Entry> log = new ArrayList<>();
    private final List<Owner> owners = new ArrayList<>();
    private final List<Order> orders = new ArrayList<>();
    private final List<Claim> claims = new ArrayList<>();
    private final List<Refund> refunds = new ArrayList<>();
    private final List<Stock> stock = new ArrayList<>();
    private final List<Cursor> cursors = new ArrayList<>();
    private int partitions;
    private long dumpedAtMs;
    private boolean ended;

    @Override
    public void take(JsonLine line) {
      String kind = line.requiredText("row");
      switch (kind) {
        case "dump" -> {
          partitions = line.smallNumber("partitions", 0);
          dumpedAtMs = line.requiredNumber("dumpedAtMs");
        }
        case "entry" -> log.add(entry(line));
        case "owner" -> owners.add(owner(line));
        case "sale_order" -> orders.add(order(line));
        case "sale_claim" -> claims.add(claim(line));
        case "sale_refund" -> refunds.add(refund(line));
        case "item_stock" -> stock.add(stock(line));
        case "drain_cursor" -> cursors.add(cursor(line));
        case "end" -> ended = true;
        default -> throw new JsonLine.BadLine("row " + kind + " does not exist");
      }
    }

    Dump dump() {
      if (!ended || partitions < 1) {
        throw new IllegalArgumentException(FILE + " is not whole");
      }
      return new Dump(partitions, dumpedAtMs, log, owners, orders, claims, refunds, stock, cursors);
    }

    private static int partition(JsonLine line) {
      return (int) line.requiredNumber("partition");
    }

    private static Entry entry(JsonLine line) {
      List<Field> fields = new ArrayList<>(5);
      for (String pair : line.requiredText("fields").split(" ")) {
        int colon = pair.indexOf(':');
        if (colon < 0) {
          throw new JsonLine.BadLine("fields must be name:base64");
        }
        byte[] value = Base64.getDecoder().decode(pair.substring(colon + 1));
        fields.add(new Field(pair.substring(0, colon), value));
      }
      return new Entry(partition(line), line.requiredText("id"), List.copyOf(fields));
    }

    private static Owner owner(JsonLine line) {
      return new Owner(
          partition(line),
          line.text("node"),
          line.requiredNumber("epoch"),
          line.requiredNumber("position"),
          line.text("lastBatch"));
    }

    private static Order order(JsonLine line) {
      return new Order(
          line.id("order"),
          line.id("item"),
          line.text("user"),
          line.text("key"),
          line.smallNumber("quantity", 0),
          line.number("price", 0),
          line.text("currency"),
          line.text("status"),
          line.number("acceptedAt", 0),
          line.number("payBy", 0),
          line.number("paidAt", 0),
          line.text("payment"),
          line.number("releasedAt", 0),
          line.text("releaseReason"),
          line.text("refundPayment"),
          line.text("refundReason"),
          line.number("refundAt", 0),
          line.number("claimBy", 0),
          line.text("claimedBy"),
          line.number("claimedAt", 0),
          partition(line),
          line.requiredNumber("position"));
    }

    private static Claim claim(JsonLine line) {
      return new Claim(
          line.id("order"),
          line.text("claimedBy"),
          line.number("claimedAt", 0),
          partition(line),
          line.requiredNumber("position"));
    }

    private static Refund refund(JsonLine line) {
      return new Refund(
          line.id("order"),
          line.text("payment"),
          line.text("reason"),
          line.number("dueAt", 0),
          partition(line),
          line.requiredNumber("position"));
    }

    private static Stock stock(JsonLine line) {
      return new Stock(
          line.id("item"),
          line.number("available", 0),
          line.number("held", 0),
          line.number("sold", 0),
          line.number("stock", 0),
          line.requiredNumber("position"));
    }

    private static Cursor cursor(JsonLine line) {
      return new Cursor(
          partition(line),
          line.requiredNumber("position"),
          line.text("batch"),
          line.number("batchFirst", 0));
    }
  }
}
