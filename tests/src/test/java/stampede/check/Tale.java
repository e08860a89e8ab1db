package stampede.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.rig.check.Chronicle;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Dump;
import stampede.rig.check.Mark;
import stampede.rig.check.Run;
import stampede.rig.check.Sighting;

/**
 * A small run in which all is well, made by hand, and the means to spoil it. Partition 1 of 2 sells
 * one item of 3 + 1 units, limit 2:
 *
 * <pre>
 *    1 owned 1     2 published    3 opened      4 accepted a     5 accepted b ×2   6 paid a
 *    7 cancelled b 8 accepted c   9 owned 2    10 portion       11 expired c      12 late c
 *   13 accepted d 14 paid d      15 extra d
 * </pre>
 */
final class Tale {
  static final long T = 1_790_000_000_000L;
  static final int P = 1;
  static final long ITEM = 1001;
  static final Warrant WARRANT = new Warrant("rig", "", Bytes.of("w-1"), true);

  /** A group of events as it is written. */
  static final class Group {
    int partition;
    long epoch;
    long first;
    long batch;
    final List<SaleEvent> events;
    UnaryOperator<Dump.Entry> damage = entry -> entry;

    Group(int partition, long epoch, long first, long batch, SaleEvent... events) {
      this.partition = partition;
      this.epoch = epoch;
      this.first = first;
      this.batch = batch;
      this.events = new ArrayList<>(List.of(events));
    }
  }

  final List<Group> groups = new ArrayList<>();
  final List<ClientEvent> events = new ArrayList<>();
  final List<Mark> marks = new ArrayList<>();
  final List<Sighting> sightings = new ArrayList<>();
  final List<Dump.Order> orders = new ArrayList<>();
  final List<Dump.Claim> claims = new ArrayList<>();
  final List<Dump.Refund> refunds = new ArrayList<>();
  final List<Dump.Stock> stock = new ArrayList<>();
  final Map<Integer, Dump.Cursor> cursors = new TreeMap<>();
  final Map<Integer, Dump.Owner> owners = new TreeMap<>();
  long dumpedAt = 14_000;

  Tale() {
    tellLog();
    tellShaking();
    tellEndings();
    tellRig();
    tellStores();
  }

  static long order(long position) {
    return ((long) P << 44) + position;
  }

  private void tellLog() {
    groups.add(new Group(0, 1, 1, 1, new Owned(1, "sale-1", 6, T)));
    groups.add(new Group(P, 1, 1, 1, new Owned(1, "sale-1", 7, T)));
    groups.add(
        new Group(
            P,
            1,
            2,
            2,
            new ItemPublished(item(3), WARRANT, T + 50),
            new ItemOpened(ITEM, T + 100)));
    groups.add(new Group(P, 1, 4, 3, accepted("a", "a-1", 1, 200), accepted("b", "b-1", 2, 210)));
    groups.add(new Group(P, 1, 6, 4, paid(4, 1, "p-1", 1_000)));
    groups.add(new Group(P, 1, 7, 5, released(5, 2, ReleaseReason.CANCELLED, 1_100)));
    groups.add(new Group(P, 1, 8, 6, accepted("c", "c-1", 1, 1_200)));
    groups.add(new Group(P, 2, 9, 7, new Owned(2, "sale-2", 8, T + 2_500)));
    groups.add(new Group(P, 2, 10, 8, new StockReleased(ITEM, 0, 1, T + 3_000)));
    groups.add(
        new Group(
            P,
            2,
            11,
            9,
            released(8, 1, ReleaseReason.EXPIRED, 12_500),
            refund(8, "p-2", RefundReason.LATE, 12_600)));
    groups.add(
        new Group(P, 2, 13, 10, accepted("d", "d-1", 1, 12_700), paid(13, 1, "p-3", 12_800)));
    groups.add(new Group(P, 2, 15, 11, refund(13, "p-4", RefundReason.EXTRA, 12_900)));
  }

  static SaleItem item(long stock) {
    return new SaleItem(
        ITEM,
        7,
        "Phone",
        100,
        200,
        "CNY",
        T + 100,
        T + 3_600_000,
        stock,
        2,
        5_000,
        0,
        1_000_000,
        List.of(new SaleItem.Release(T + 3_000, 1)));
  }

  /** Sold to devices; limit 2, a second to claim it. */
  static final long TO_CLAIM = 1003;

  /**
   * 16 published 17 opened 18 accepted of a device 19 {@code more}; not drained yet. The device and
   * {@code e} are told of the order when {@code e} has claimed it.
   */
  void sellToDevice(SaleEvent... more) {
    SaleItem item =
        new SaleItem(
            TO_CLAIM,
            7,
            "Pen",
            100,
            200,
            "CNY",
            T + 100,
            T + 3_600_000,
            9,
            2,
            5_000,
            0,
            1_000_000,
            List.of(),
            0,
            0,
            1_000);
    List<SaleEvent> all = new ArrayList<>();
    all.add(new ItemPublished(item, WARRANT, T + 12_900));
    all.add(new ItemOpened(TO_CLAIM, T + 12_900));
    all.add(
        new Accepted(TO_CLAIM, Bytes.of("device:1"), Bytes.of("k-1"), 1, T + 17_910, T + 12_910));
    all.addAll(List.of(more));
    append(false, all.toArray(new SaleEvent[0]));
    events.add(ClientEvent.asked(at(12_905), "c-device", "device:1", TO_CLAIM, "k-1", 1));
    events.add(ClientEvent.answer(at(12_940), "c-device", "device:1", "outcome", toldOfClaim(18)));
  }

  /** The rows of that. */
  void claimIsDrained(String by, long claimedMs) {
    cursors.put(P, new Dump.Cursor(P, 19, "12", 16));
    orders.add(rowOfDevice(by, T + claimedMs));
    claims.add(new Dump.Claim(order(18), by, T + claimedMs, P, 19));
    stock.add(new Dump.Stock(TO_CLAIM, 8, 1, 0, 9, 18));
  }

  static Dump.Order rowOfDevice(String claimedBy, long claimedAt) {
    return new Dump.Order(
        order(18),
        TO_CLAIM,
        "device:1",
        "k-1",
        1,
        100,
        "CNY",
        "held",
        T + 12_910,
        T + 17_910,
        0,
        "",
        0,
        "",
        "",
        "",
        0,
        T + 13_910,
        claimedBy,
        claimedAt,
        P,
        18);
  }

  /** What whoever asks for the device's key is told. */
  static Map<String, ?> toldOfClaim(long position) {
    return Map.of(
        "key",
        "k-1",
        "item",
        TO_CLAIM + "",
        "outcome",
        "accepted",
        "order",
        order(18) + "",
        "status",
        "held",
        "payBy",
        T + 17_910,
        "position",
        position,
        "at",
        T + 12_910);
  }

  static Claimed claimed(String user, long atMs) {
    return new Claimed(order(18), TO_CLAIM, 1, Bytes.of(user), T + atMs);
  }

  static Accepted accepted(String user, String key, int quantity, long atMs) {
    return new Accepted(ITEM, Bytes.of(user), Bytes.of(key), quantity, T + atMs + 5_000, T + atMs);
  }

  static Paid paid(long position, int quantity, String payment, long atMs) {
    return new Paid(order(position), ITEM, quantity, Bytes.of(payment), T + atMs);
  }

  static Released released(long position, int quantity, ReleaseReason reason, long atMs) {
    return new Released(order(position), ITEM, quantity, reason, T + atMs);
  }

  static RefundDue refund(long position, String payment, RefundReason reason, long atMs) {
    return new RefundDue(order(position), Bytes.of(payment), reason, T + atMs);
  }

  private void tellShaking() {
    for (String user : List.of("a", "b", "c", "d", "e")) {
      events.add(ClientEvent.connected(at(10), "c-" + user, user));
      events.add(ClientEvent.answer(at(20), "c-" + user, user, "welcome", Map.of("user", user)));
    }
    shake(190, "a", "a-1", 1);
    accepted(205, "a", "a-1", 4, "held", 200, 4);
    shake(195, "b", "b-1", 2);
    accepted(215, "b", "b-1", 5, "held", 210, 5);
    shake(300, "c", "c-1", 1);
    told(320, "c", "c-1", "sold_out", 5);
    shake(330, "a", "a-2", 1);
    told(350, "a", "a-2", "sold_out", 5);
    shake(400, "b", "b-2", 1);
    told(420, "b", "b-2", "limit_reached", 5);
    shake(1_190, "c", "c-1", 1);
    accepted(1_210, "c", "c-1", 8, "held", 1_200, 8);
    shake(1_500, "d", "d-1", 1);
    told(1_510, "d", "d-1", "throttled", -1);
    ask(2_100, "c", "c-1");
    told(3_100, "c", "c-1", "pending", -1);
    ask(3_200, "c", "c-1");
    accepted(3_210, "c", "c-1", 8, "held", 1_200, 10);
    shake(12_690, "d", "d-1", 1);
    accepted(12_710, "d", "d-1", 13, "held", 12_700, 13);
    shake(12_900, "e", "e-1", 1);
    events.add(ClientEvent.closed(at(12_950), "c-e", "e"));
    ask(13_100, "e", "e-1");
    told(13_110, "e", "e-1", "unknown", 15);
  }

  private void tellEndings() {
    pays(990, 4, "p-1", "paid");
    events.add(
        ClientEvent.answer(
            at(1_020), "c-a", "a", "order", Map.of("order", order(4) + "", "status", "paid")));
    events.add(ClientEvent.cancels(at(1_090), "h-1", "b", order(5)));
    events.add(
        ClientEvent.answer(
            at(1_110), "h-1", "b", "cancel", Map.of("order", order(5) + "", "status", "released")));
    pays(12_550, 8, "p-2", "late_payment");
    pays(12_790, 13, "p-3", "paid");
    pays(12_890, 13, "p-4", "extra_payment");
  }

  private void tellRig() {
    mark(0, Mark.Kind.BEGUN, "");
    mark(2_000, Mark.Kind.FAULT, "kill sale-1");
    mark(2_400, Mark.Kind.HEALED, "kill sale-1");
    mark(2_600, Mark.Kind.OWNED, "");
    mark(13_000, Mark.Kind.LOAD_ENDED, "");
    mark(13_500, Mark.Kind.DRAINED, "");
    sightings.add(new Sighting(at(500), "sale-1", P, 1, 5, "aa"));
    sightings.add(new Sighting(at(13_000), "sale-2", P, 2, 15, "bb"));
    sightings.add(new Sighting(at(13_400), "sale-3", P, 3, 15, "bb"));
  }

  private void tellStores() {
    orders.add(row(4, "a", "a-1", 1, "paid", 200, 1_000, "p-1", 0, "", "", "", 0));
    orders.add(row(5, "b", "b-1", 2, "released", 210, 0, "", 1_100, "cancelled", "", "", 0));
    orders.add(rowOfC(12_500, 12_600));
    orders.add(
        row(
            13,
            "d",
            "d-1",
            1,
            "paid",
            12_700,
            12_800,
            "p-3",
            0,
            "",
            "p-4",
            "extra_payment",
            12_900));
    refunds.add(new Dump.Refund(order(8), "p-2", "late_payment", T + 12_600, P, 12));
    refunds.add(new Dump.Refund(order(13), "p-4", "extra_payment", T + 12_900, P, 15));
    stock.add(new Dump.Stock(ITEM, 2, 0, 2, 4, 14));
    cursors.put(0, new Dump.Cursor(0, 1, "1", 1));
    cursors.put(P, new Dump.Cursor(P, 15, "11", 15));
    owners.put(0, new Dump.Owner(0, "sale-1", 1, 1, "1"));
    owners.put(P, new Dump.Owner(P, "sale-2", 2, 15, "11"));
  }

  /** Order 8, which expires and is paid too late. */
  static Dump.Order rowOfC(long releasedMs, long refundMs) {
    String late = "late_payment";
    return row(
        8, "c", "c-1", 1, "released", 1_200, 0, "", releasedMs, "expired", "p-2", late, refundMs);
  }

  private static Dump.Order row(
      long position,
      String user,
      String key,
      int quantity,
      String status,
      long acceptedMs,
      long paidMs,
      String payment,
      long releasedMs,
      String reason,
      String refund,
      String refundReason,
      long refundMs) {
    return new Dump.Order(
        order(position),
        ITEM,
        user,
        key,
        quantity,
        100,
        "CNY",
        status,
        T + acceptedMs,
        T + acceptedMs + 5_000,
        paidMs == 0 ? 0 : T + paidMs,
        payment,
        releasedMs == 0 ? 0 : T + releasedMs,
        reason,
        refund,
        refundReason,
        refundMs == 0 ? 0 : T + refundMs,
        0,
        "",
        0,
        P,
        position);
  }

  // --- telling

  static long at(long ms) {
    return ms * 1_000_000;
  }

  void mark(long ms, Mark.Kind kind, String subject) {
    marks.add(new Mark(at(ms), T + ms, kind, subject));
  }

  void shake(long ms, String user, String key, int quantity) {
    shakeAt(ms, "c-" + user, user, key, quantity);
  }

  void shakeAt(long ms, String client, String user, String key, int quantity) {
    events.add(ClientEvent.asked(at(ms), client, user, ITEM, key, quantity));
  }

  void ask(long ms, String user, String key) {
    ask(ms, user, ITEM, key);
  }

  void ask(long ms, String user, long item, String key) {
    events.add(ClientEvent.asked(at(ms), "c-" + user, user, item, key, 0));
  }

  void accepted(
      long ms, String user, String key, long order, String status, long acceptedMs, long position) {
    answer(
        ms,
        "c-" + user,
        user,
        Map.of(
            "key",
            key,
            "item",
            ITEM + "",
            "outcome",
            "accepted",
            "order",
            order(order) + "",
            "status",
            status,
            "payBy",
            T + acceptedMs + 5_000,
            "position",
            position,
            "at",
            T + ms));
  }

  void told(long ms, String user, String key, String outcome, long position) {
    toldAt(ms, "c-" + user, user, key, outcome, position);
  }

  void toldAt(long ms, String client, String user, String key, String outcome, long position) {
    answer(
        ms,
        client,
        user,
        Map.of("key", key, "item", ITEM + "", "outcome", outcome, "position", position));
  }

  void answer(long ms, String client, String user, Map<String, ?> members) {
    events.add(ClientEvent.answer(at(ms), client, user, "outcome", members));
  }

  void pays(long ms, long order, String payment, String status) {
    events.add(ClientEvent.pays(at(ms), "w-" + payment, order(order), payment));
    events.add(
        ClientEvent.answer(
            at(ms + 20),
            "w-" + payment,
            "",
            "pay",
            Map.of("order", order(order) + "", "payment", payment, "status", status)));
  }

  // --- spoiling

  /** The group of partition 1 that holds a position. */
  Group group(long position) {
    return groups.stream()
        .filter(g -> g.partition == P)
        .filter(g -> g.first <= position && position < g.first + g.events.size())
        .findFirst()
        .orElseThrow();
  }

  void replace(long position, SaleEvent event) {
    Group group = group(position);
    group.events.set((int) (position - group.first), event);
  }

  /** More at the end of the log, drained or not. */
  void append(boolean drained, SaleEvent... more) {
    Group last = groups.get(groups.size() - 1);
    long first = last.first + last.events.size();
    groups.add(new Group(P, last.epoch, first, last.batch + 1, more));
    logEndsWith(groups.get(groups.size() - 1));
    if (drained) {
      cursors.put(P, new Dump.Cursor(P, first + more.length - 1, last.batch + 1 + "", first));
    }
  }

  /** The log ends before this position, and so does what is recorded of it. */
  void cutBefore(long position) {
    groups.removeIf(g -> g.partition == P && g.first >= position);
    logEndsWith(groups.get(groups.size() - 1));
  }

  private void logEndsWith(Group last) {
    long end = last.first + last.events.size() - 1;
    owners.put(P, new Dump.Owner(P, "sale-2", last.epoch, end, last.batch + ""));
  }

  Dump.Order row(long position) {
    return orders.stream().filter(row -> row.position() == position).findFirst().orElseThrow();
  }

  void forget(String key, String outcome) {
    events.removeIf(e -> e.key().equals(key) && e.outcome().equals(outcome));
  }

  Run run() {
    List<Dump.Entry> log = groups.stream().map(Tale::entry).toList();
    Dump dump =
        new Dump(
            2,
            T + dumpedAt,
            log,
            List.copyOf(owners.values()),
            orders,
            claims,
            refunds,
            stock,
            List.copyOf(cursors.values()));
    return new Run(new Chronicle(events, marks, sightings), dump);
  }

  private static Dump.Entry entry(Group group) {
    JournalEntry written =
        JournalEntry.of(group.partition, group.epoch, group.first, group.batch, group.events);
    return group.damage.apply(
        new Dump.Entry(
            group.partition,
            group.first + "-0",
            List.of(
                field("e", written.epoch()),
                field("n", written.count()),
                field("b", written.batch()),
                new Dump.Field("p", written.payload()),
                field("c", Integer.toUnsignedLong(written.crc())))));
  }

  static Dump.Field field(String name, long value) {
    return new Dump.Field(name, Long.toString(value).getBytes(StandardCharsets.US_ASCII));
  }
}
