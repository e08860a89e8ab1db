package stampede.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.LogCut;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.Restated;
import stampede.protocol.SaleEvent.SessionArchived;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;

/**
 * Events ↔ bytes: a type byte, then the record's components in order. Types are for ever: a changed
 * record gets a new type.
 *
 * <p>A payload is the version byte followed by its events; the journal entry around it says how
 * many there are. The version is the oldest one that knows all of these events, so that an older
 * node goes on as long as it understands what is there, and says {@link NewerRecord} from then on.
 */
public final class EventCodec {
  public static final int VERSION = 3;

  private static final int OWNED = 1;
  private static final int ITEM_PUBLISHED = 2;
  private static final int ITEM_OPENED = 3;
  private static final int ITEM_ENDED = 4;
  private static final int ACCEPTED = 5;
  private static final int PAID = 6;
  private static final int RELEASED = 7;
  private static final int REFUND_DUE = 8;
  private static final int STOCK_RELEASED = 9;
  private static final int STEERED = 10;

  // since version 2: an item that has more members than ITEM_PUBLISHED tells of
  private static final int ITEM_PUBLISHED_MORE = 11;
  private static final int CLAIMED = 12;

  // since version 3
  private static final int SESSION_ARCHIVED = 13;
  private static final int RESTATED = 14;
  private static final int LOG_CUT = 15;

  /** Tags of members an item may have beside those everyone has; each is a number above 0. */
  private static final int LIMIT_PER_ORDER = 1;

  private static final int LIMIT_PER_SESSION = 2;
  private static final int CLAIM_WITHIN_MS = 3;
  private static final int NO_MORE = 0;

  /**
   * Bytes of the longest text in a record: UTF-8 of the longest allowed strings, with room for
   * JSON.
   */
  private static final int TEXT_BYTES_MAX = 8_192;

  private static final int RESTATED_LIMITS_MAX = 100;

  private EventCodec() {}

  /** The payload of a group of events. */
  public static byte[] encode(List<SaleEvent> events) {
    ByteWriter out = new ByteWriter(16 + 64 * events.size());
    out.u8(versionOf(events));
    for (SaleEvent event : events) {
      write(event, out);
    }
    return out.toByteArray();
  }

  private static int versionOf(List<SaleEvent> events) {
    int version = 1;
    for (SaleEvent event : events) {
      if (event instanceof SessionArchived
          || event instanceof Restated
          || event instanceof LogCut) {
        return 3;
      }
      boolean second =
          event instanceof Claimed
              || event instanceof ItemPublished e && hasMore(e.item())
              || event instanceof Released r && r.reason() == ReleaseReason.UNCLAIMED;
      version = second ? 2 : version;
    }
    return version;
  }

  /**
   * The events of a payload that must hold exactly {@code count}.
   *
   * @throws CorruptRecord if it does not, or is damaged
   * @throws NewerRecord if a newer version wrote it
   */
  public static List<SaleEvent> decode(byte[] payload, int count) {
    ByteReader in = new ByteReader(payload);
    int version = in.u8();
    if (version > VERSION) {
      throw new NewerRecord(version, VERSION);
    }
    if (version < 1) {
      throw new CorruptRecord("record version " + version + " does not exist");
    }
    List<SaleEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(read(in));
    }
    in.expectEnd();
    return events;
  }

  public static void write(SaleEvent event, ByteWriter out) {
    if (event instanceof Accepted e) {
      out.u8(ACCEPTED);
      out.varint(e.item());
      out.bytes(e.user());
      out.bytes(e.key());
      out.varint(e.quantity());
      out.varint(e.payBy());
    } else if (event instanceof Paid e) {
      out.u8(PAID);
      out.varint(e.order());
      out.varint(e.item());
      out.varint(e.quantity());
      out.bytes(e.payment());
    } else if (event instanceof Released e) {
      out.u8(RELEASED);
      out.varint(e.order());
      out.varint(e.item());
      out.varint(e.quantity());
      out.u8(e.reason().ordinal());
    } else if (event instanceof RefundDue e) {
      out.u8(REFUND_DUE);
      out.varint(e.order());
      out.bytes(e.payment());
      out.u8(e.reason().ordinal());
    } else if (event instanceof StockReleased e) {
      out.u8(STOCK_RELEASED);
      out.varint(e.item());
      out.varint(e.index());
      out.varint(e.units());
    } else if (event instanceof Owned e) {
      out.u8(OWNED);
      out.varint(e.epoch());
      out.text(e.node());
      out.varint(e.nonce());
    } else if (event instanceof ItemPublished e) {
      out.u8(hasMore(e.item()) ? ITEM_PUBLISHED_MORE : ITEM_PUBLISHED);
      writeItem(e.item(), out);
      writeWarrant(e.warrant(), out);
    } else if (event instanceof ItemOpened e) {
      out.u8(ITEM_OPENED);
      out.varint(e.item());
    } else if (event instanceof ItemEnded e) {
      out.u8(ITEM_ENDED);
      out.varint(e.item());
    } else if (event instanceof Steered e) {
      out.u8(STEERED);
      out.u8(e.steering().code());
      out.varint(e.subject());
      out.varint(e.value());
      out.bytes(e.user());
      writeWarrant(e.warrant(), out);
      out.text(e.before());
      out.text(e.after());
    } else if (event instanceof Claimed e) {
      out.u8(CLAIMED);
      out.varint(e.order());
      out.varint(e.item());
      out.varint(e.quantity());
      out.bytes(e.user());
    } else if (event instanceof SessionArchived e) {
      out.u8(SESSION_ARCHIVED);
      out.varint(e.session());
      out.varint(e.items().size());
      e.items().forEach(out::varint);
    } else if (event instanceof Restated e) {
      out.u8(RESTATED);
      out.varint(e.blocked().size());
      e.blocked().forEach(out::bytes);
      out.varint(e.limits().size());
      for (SaleEvent.Limit limit : e.limits()) {
        out.varint(limit.code());
        out.varint(limit.value());
      }
    } else if (event instanceof LogCut e) {
      out.u8(LOG_CUT);
      out.varint(e.upTo());
      out.varint(e.epoch());
    } else {
      throw new AssertionError(event);
    }
    out.varint(event.at());
  }

  public static SaleEvent read(ByteReader in) {
    try {
      int type = in.u8();
      return switch (type) {
        case ACCEPTED ->
            new Accepted(
                in.varint(),
                in.bytes(),
                in.bytes(),
                in.count(Limits.QUANTITY_MAX),
                in.varint(),
                in.varint());
        case PAID ->
            new Paid(
                in.varint(), in.varint(), in.count(Limits.QUANTITY_MAX), in.bytes(), in.varint());
        case RELEASED ->
            new Released(
                in.varint(),
                in.varint(),
                in.count(Limits.QUANTITY_MAX),
                ReleaseReason.ofCode(in.u8()),
                in.varint());
        case REFUND_DUE ->
            new RefundDue(in.varint(), in.bytes(), RefundReason.ofCode(in.u8()), in.varint());
        case STOCK_RELEASED ->
            new StockReleased(in.varint(), in.count(Limits.RELEASES_MAX), in.varint(), in.varint());
        case OWNED -> new Owned(in.varint(), in.text(TEXT_BYTES_MAX), in.varint(), in.varint());
        case ITEM_PUBLISHED -> new ItemPublished(readItem(in, false), readWarrant(in), in.varint());
        case ITEM_PUBLISHED_MORE ->
            new ItemPublished(readItem(in, true), readWarrant(in), in.varint());
        case CLAIMED ->
            new Claimed(
                in.varint(), in.varint(), in.count(Limits.QUANTITY_MAX), in.bytes(), in.varint());
        case ITEM_OPENED -> new ItemOpened(in.varint(), in.varint());
        case ITEM_ENDED -> new ItemEnded(in.varint(), in.varint());
        case STEERED ->
            new Steered(
                Steering.ofCode(in.u8()),
                in.varint(),
                in.varint(),
                in.bytes(),
                readWarrant(in),
                in.text(TEXT_BYTES_MAX),
                in.text(TEXT_BYTES_MAX),
                in.varint());
        case SESSION_ARCHIVED ->
            new SessionArchived(
                in.varint(), list(in, Limits.ARCHIVED_ITEMS_MAX, ByteReader::varint), in.varint());
        case RESTATED ->
            new Restated(
                list(in, Limits.RESTATED_USERS_MAX, ByteReader::bytes),
                list(in, RESTATED_LIMITS_MAX, i -> new SaleEvent.Limit(i.varint(), i.varint())),
                in.varint());
        case LOG_CUT -> new LogCut(in.varint(), in.varint(), in.varint());
        default -> throw new CorruptRecord("event type " + type + " does not exist");
      };
    } catch (InvalidField e) {
      throw new CorruptRecord("an event with an impossible value: " + e.getMessage());
    }
  }

  private static <T> List<T> list(ByteReader in, int max, Function<ByteReader, T> each) {
    int count = in.count(max);
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(each.apply(in));
    }
    return list;
  }

  /** What it is written in must tell {@link #hasMore}: {@link #readItem} has to know. */
  static void writeItem(SaleItem item, ByteWriter out) {
    out.varint(item.item());
    out.varint(item.session());
    out.text(item.title());
    out.varint(item.price());
    out.varint(item.listPrice());
    out.text(item.currency());
    out.varint(item.opensAt());
    out.varint(item.closesAt());
    out.varint(item.stock());
    out.varint(item.limitPerUser());
    out.varint(item.payWithinMs());
    out.varint(item.cooldownMs());
    out.varint(item.gate());
    out.varint(item.releases().size());
    for (SaleItem.Release release : item.releases()) {
      out.varint(release.at());
      out.varint(release.units());
    }
    if (hasMore(item)) {
      writeMore(item, out);
    }
  }

  /** {@code more}: as {@link #hasMore} was when it was written. */
  static SaleItem readItem(ByteReader in, boolean more) {
    SaleItem item = readPlainItem(in);
    return more ? readMore(item, in) : item;
  }

  private static SaleItem readPlainItem(ByteReader in) {
    return new SaleItem(
        in.varint(),
        in.varint(),
        in.text(TEXT_BYTES_MAX),
        in.varint(),
        in.varint(),
        in.text(8),
        in.varint(),
        in.varint(),
        in.varint(),
        in.count(Limits.QUANTITY_MAX),
        in.varint(),
        in.varint(),
        in.count(Limits.GATE_OPEN),
        readReleases(in));
  }

  /** Whether it has members beside those everyone has. */
  static boolean hasMore(SaleItem item) {
    return item.limitPerOrder() > 0 || item.limitPerSession() > 0 || item.claimWithinMs() > 0;
  }

  private static void writeMore(SaleItem item, ByteWriter out) {
    writeMore(LIMIT_PER_ORDER, item.limitPerOrder(), out);
    writeMore(LIMIT_PER_SESSION, item.limitPerSession(), out);
    writeMore(CLAIM_WITHIN_MS, item.claimWithinMs(), out);
    out.u8(NO_MORE);
  }

  private static void writeMore(int tag, long value, ByteWriter out) {
    if (value > 0) {
      out.u8(tag);
      out.varint(value);
    }
  }

  /** {@code item} with what {@link #writeMore} wrote. */
  private static SaleItem readMore(SaleItem item, ByteReader in) {
    int limitPerOrder = 0;
    int limitPerSession = 0;
    long claimWithinMs = 0;
    for (int tag = in.u8(); tag != NO_MORE; tag = in.u8()) {
      switch (tag) {
        case LIMIT_PER_ORDER -> limitPerOrder = in.count(Limits.QUANTITY_MAX);
        case LIMIT_PER_SESSION -> limitPerSession = in.count(Limits.QUANTITY_MAX);
        case CLAIM_WITHIN_MS -> claimWithinMs = in.varint();
        default -> throw new CorruptRecord("member " + tag + " of an item does not exist");
      }
    }
    return item.limited(limitPerOrder, limitPerSession, claimWithinMs);
  }

  private static List<SaleItem.Release> readReleases(ByteReader in) {
    int count = in.count(Limits.RELEASES_MAX);
    List<SaleItem.Release> releases = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      releases.add(new SaleItem.Release(in.varint(), in.varint()));
    }
    return releases;
  }

  static void writeWarrant(Warrant warrant, ByteWriter out) {
    out.text(warrant.by());
    out.text(warrant.reason());
    out.bytes(warrant.key());
    out.u8(warrant.audited() ? 1 : 0);
  }

  static Warrant readWarrant(ByteReader in) {
    return new Warrant(in.text(TEXT_BYTES_MAX), in.text(TEXT_BYTES_MAX), in.bytes(), in.u8() == 1);
  }
}
