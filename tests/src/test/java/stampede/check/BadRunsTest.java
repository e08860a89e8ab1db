package stampede.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import stampede.protocol.Bytes;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.Steering;
import stampede.rig.check.Checker;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Dump;
import stampede.rig.check.Mark;
import stampede.rig.check.Report;
import stampede.rig.check.Sighting;

/**
 * One run for every way of going wrong, each a good run with one thing spoilt. Named are all rules
 * that are violated by it, so that a mistake is found where it is and nothing else is blamed.
 */
class BadRunsTest {
  private final List<DynamicTest> tests = new ArrayList<>();

  private void bad(String what, String rules, Consumer<Tale> spoil) {
    tests.add(
        DynamicTest.dynamicTest(
            what,
            () -> {
              Tale tale = new Tale();
              spoil.accept(tale);

              Report report = Checker.check(tale.run());

              assertThat(String.join(" ", report.violated().keySet()))
                  .as(report.toText())
                  .isEqualTo(rules);
              assertThat(report.isClean()).isFalse();
            }));
  }

  @TestFactory
  Stream<DynamicTest> edgesSaySoldOutByThemselves() {
    bad(
        "long after units came back",
        "S8",
        t -> {
          t.shake(2_700, "e", "e-9", 1);
          t.told(2_710, "e", "e-9", "sold_out", -1);
        });
    bad(
        "to a winner",
        "S5",
        t -> {
          t.shake(400, "a", "a-9", 1);
          t.told(410, "a", "a-9", "sold_out", -1);
        });
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> unitsDoNotAddUp() {
    bad(
        "oversold",
        "S1 S10",
        t -> t.replace(2, new ItemPublished(Tale.item(2), Tale.WARRANT, Tale.T + 50)));
    bad(
        "a portion that is not the next",
        "S1",
        t -> t.replace(10, new StockReleased(Tale.ITEM, 1, 1, Tale.T + 3_000)));
    bad(
        "a portion before its time",
        "S1",
        t -> t.replace(10, new StockReleased(Tale.ITEM, 0, 1, Tale.T + 2_900)));
    bad(
        "published twice",
        "S1",
        t -> t.append(true, new ItemPublished(Tale.item(3), Tale.WARRANT, Tale.T + 12_950)));
    bad(
        "an item nobody published",
        "S1",
        t -> t.append(true, new ItemEnded(1_002, Tale.T + 12_950)));
    bad(
        "steered after its end",
        "S1",
        t ->
            t.append(
                true,
                steered(Steering.CLOSE_ITEM, Tale.ITEM, 0, "", 12_950),
                steered(Steering.PAUSE_ITEM, Tale.ITEM, 0, "", 12_960)));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> whatWasToldIsNotThere() {
    bad("an accept lost from the log, and all after it", "S10 S11 S2 S7 S8", t -> t.cutBefore(13));
    bad(
        "an accept lost from log and books",
        "S11 S2 S8",
        t -> {
          t.cutBefore(13);
          t.cursors.put(1, new Dump.Cursor(1, 12, "9", 11));
          t.orders.remove(t.row(13));
          t.refunds.remove(1);
          t.stock.set(0, new Dump.Stock(Tale.ITEM, 3, 0, 1, 4, 11));
        });
    bad(
        "told another payBy",
        "S2",
        t -> {
          t.forget("a-1", "accepted");
          t.accepted(205, "a", "a-1", 4, "held", 300, 4);
        });
    bad(
        "told another status",
        "S2",
        t -> {
          t.forget("a-1", "accepted");
          t.accepted(205, "a", "a-1", 4, "paid", 200, 4);
        });
    bad(
        "told another order",
        "S2",
        t -> {
          t.forget("a-1", "accepted");
          t.accepted(205, "a", "a-1", 3, "held", 200, 4);
        });
    bad("told paid, not in the log", "S2", t -> t.pays(5_000, 5, "p-9", "paid"));
    bad("told late_payment, not in the log", "S2", t -> t.pays(5_000, 5, "p-9", "late_payment"));
    bad(
        "told released, not in the log",
        "S2",
        t ->
            t.events.add(
                ClientEvent.answer(
                    Tale.at(2_000),
                    "c-a",
                    "a",
                    "order",
                    Map.of("order", Tale.order(4) + "", "status", "released"))));
    bad(
        "paying for an accepted order that is unknown",
        "S2",
        t ->
            t.events.add(
                ClientEvent.answer(
                    Tale.at(2_000),
                    "w-9",
                    "",
                    "pay",
                    Map.of("order", Tale.order(4) + "", "code", "unknown_order"))));
    bad(
        "accepted an item that no log has",
        "S2",
        t -> {
          t.events.add(ClientEvent.asked(Tale.at(500), "c-a", "a", 5, "a-9", 1));
          t.answer(
              510,
              "c-a",
              "a",
              Map.of(
                  "key", "a-9", "item", "5", "outcome", "accepted", "order", "77", "position", 3));
        });
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> ordersFromNowhere() {
    bad("an order that nobody sent", "S12 S3", t -> t.events.removeIf(e -> sent(e, "d-1")));
    bad(
        "an order of more units than were asked for",
        "S3",
        t -> {
          t.events.removeIf(e -> sent(e, "b-1"));
          t.shake(195, "b", "b-1", 1);
        });
    bad(
        "an order before its shake",
        "S3",
        t -> {
          t.events.removeIf(e -> e.key().equals("d-1"));
          t.shake(13_300, "d", "d-1", 1);
          t.accepted(13_310, "d", "d-1", 13, "paid", 12_700, 15);
        });
    bad(
        "two orders for one key",
        "S10 S2 S4",
        t -> {
          t.replace(8, Tale.accepted("a", "a-1", 1, 1_200));
          t.forget("c-1", "accepted");
          t.told(3_210, "c", "c-1", "unknown", 10);
        });
    bad(
        "two accepts of one key name two orders",
        "S2 S4",
        t -> t.accepted(3_500, "a", "a-1", 6, "paid", 200, 10));
    bad(
        "a user above the limit",
        "S3 S4",
        t -> {
          t.append(false, Tale.accepted("d", "d-2", 2, 12_950));
        });
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> answersThatContradict() {
    bad(
        "not passed on, so told, and there is an order",
        "S5",
        t -> {
          t.forget("d-1", "accepted");
          t.told(12_710, "d", "d-1", "throttled", -1);
        });
    bad(
        "refused at a position where the key has its order",
        "S5",
        t -> {
          t.forget("a-1", "accepted");
          t.told(205, "a", "a-1", "sold_out", 5);
        });
    bad(
        "unknown at a position where the key has its order",
        "S5",
        t -> {
          t.ask(4_000, "a", "a-1");
          t.told(4_010, "a", "a-1", "unknown", 10);
        });
    bad(
        "asked again after the accept, and refused by an older state",
        "S5 S8",
        t -> {
          t.ask(4_000, "a", "a-1");
          t.told(4_010, "a", "a-1", "unknown", 3);
        });
    bad(
        "refused at a lower position than was heard before",
        "S8",
        t -> {
          t.shake(8_000, "e", "e-2", 1);
          t.told(8_010, "e", "e-2", "sold_out", 6);
        });
    bad(
        "accepted at a lower position than was heard before",
        "S8",
        t -> {
          t.ask(4_000, "a", "a-1");
          t.accepted(4_010, "a", "a-1", 4, "paid", 200, 9);
        });
    bad(
        "sold out, but there are units",
        "S8",
        t -> {
          t.shake(1_120, "e", "e-2", 2);
          t.told(1_130, "e", "e-2", "sold_out", 7);
        });
    bad(
        "limit reached, but it is not",
        "S8",
        t -> {
          t.shake(1_120, "a", "a-3", 1);
          t.told(1_130, "a", "a-3", "limit_reached", 7);
        });
    bad("ended, but it is not", "S8", t -> toldOnce(t, "ended", ""));
    bad("paused, but it is not", "S8", t -> toldOnce(t, "paused", ""));
    bad("key reused, but it has no order", "S8", t -> toldOnce(t, "invalid", "key_reused"));
    bad("unknown item, but it is there", "S8", t -> toldOnce(t, "invalid", "unknown_item"));
    bad("an outcome that no owner gives", "S8", t -> toldOnce(t, "missed", ""));
    bad(
        "a refusal beyond the end of the log",
        "S8",
        t -> {
          t.ask(13_200, "e", "e-1");
          t.told(13_210, "e", "e-1", "unknown", 16);
        });
    bad(
        "accepted without a position",
        "S8",
        t -> {
          t.ask(13_200, "a", "a-1");
          t.accepted(13_210, "a", "a-1", 4, "paid", 200, -1);
        });
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> oldAnswersThatNoSuspendedOwnerExplains() {
    for (String other :
        List.of("freeze edge edge-1", "freeze persist persist-1", "freeze redis redis")) {
      bad("an old refusal after: " + other, "S5 S8", t -> oldRefusal(t, other, 3_500, 3_900));
    }
    bad(
        "an old refusal after: kill sale sale-2",
        "S5 S8",
        t -> oldRefusal(t, "kill sale sale-2", 3_500, 3_900));
    bad(
        "an old refusal after another owner was suspended",
        "S5 S8",
        t -> oldRefusal(t, "freeze sale sale-3", 3_500, 3_900));
    bad(
        "an old refusal after a node was suspended that had lost the partition before",
        "S5 S8",
        t -> oldRefusal(t, "suspend sale-1", 3_500, 3_900));
    bad(
        "an old refusal before the owner was suspended",
        "S5 S8",
        t -> oldRefusal(t, "suspend sale-2", 4_011, 4_100));
    bad(
        "an old refusal long after a suspended owner went on",
        "S5 S8",
        t -> oldRefusal(t, "suspend sale-1", 450, 509));
    bad(
        "accepted by an older state than was heard of, by a suspended owner",
        "S8",
        t -> {
          t.mark(3_500, Mark.Kind.FAULT, "suspend sale-2");
          t.mark(3_900, Mark.Kind.HEALED, "suspend sale-2");
          t.mark(3_950, Mark.Kind.OWNED, "");
          t.ask(4_000, "a", "a-1");
          t.accepted(4_010, "a", "a-1", 4, "paid", 200, 9);
        });
    bad(
        "an edge that stood still says sold_out long after units came back",
        "S8",
        t -> {
          t.mark(2_450, Mark.Kind.FAULT, "freeze edge edge-1");
          t.mark(2_900, Mark.Kind.HEALED, "freeze edge edge-1");
          t.mark(2_950, Mark.Kind.OWNED, "");
          t.shake(2_960, "e", "e-9", 1);
          t.told(2_970, "e", "e-9", "sold_out", -1);
        });
    return tests.stream();
  }

  /** At 4 010; the partition is owned by sale-1 and, from 2 500 on, by sale-2. */
  private static void oldRefusal(Tale t, String fault, long fromMs, long toMs) {
    t.mark(fromMs, Mark.Kind.FAULT, fault);
    t.mark(toMs, Mark.Kind.HEALED, fault);
    t.mark(toMs + 10, Mark.Kind.OWNED, "");
    t.ask(4_000, "a", "a-1");
    t.told(4_010, "a", "a-1", "unknown", 3);
  }

  private static void toldOnce(Tale t, String outcome, String code) {
    t.shake(1_120, "a", "a-3", 1);
    t.answer(
        1_130,
        "c-a",
        "a",
        Map.of(
            "key", "a-3", "item", Tale.ITEM + "", "outcome", outcome, "code", code, "position", 7));
  }

  @TestFactory
  Stream<DynamicTest> acceptsThatMayNotBe() {
    bad(
        "accepted before the opening",
        "S8",
        t -> {
          t.group(2).events.set(1, steered(Steering.SET_GATE, Tale.ITEM, 5, "", 100));
        });
    bad("opened before its time", "S8", t -> t.replace(3, new ItemOpened(Tale.ITEM, Tale.T + 99)));
    bad(
        "ended before its time",
        "S8",
        t -> t.append(true, new ItemEnded(Tale.ITEM, Tale.T + 12_950)));
    bad(
        "accepted while the session is paused",
        "S8",
        t -> {
          t.group(8).events.set(0, steered(Steering.PAUSE_SESSION, 7, 0, "", 1_200));
          t.events.removeIf(e -> e.user().equals("c"));
          forgetOrderOfC(t);
        });
    bad(
        "accepted though blocked",
        "S8",
        t -> {
          t.group(8).events.set(0, steered(Steering.BLOCK_USER, 0, 0, "d", 1_200));
          t.events.removeIf(e -> e.user().equals("c"));
          forgetOrderOfC(t);
        });
    bad(
        "another payBy than published",
        "S8",
        t -> {
          var d = Tale.accepted("d", "d-1", 1, 12_700);
          t.replace(
              13,
              new stampede.protocol.SaleEvent.Accepted(
                  d.item(), d.user(), d.key(), 1, d.payBy() + 1, d.at()));
          t.orders.remove(t.row(13));
          t.forget("d-1", "accepted");
          t.ask(12_750, "d", "d-1");
          t.told(12_760, "d", "d-1", "unknown", 12);
          t.cursors.put(1, new Dump.Cursor(1, 12, "9", 11));
          t.refunds.remove(1);
          t.stock.set(0, new Dump.Stock(Tale.ITEM, 3, 0, 1, 4, 11));
        });
    return tests.stream();
  }

  /** Instead of 11 and 12 nothing of note happens, and MySQL knows of no order 8. */
  private static void forgetOrderOfC(Tale t) {
    t.replace(11, steered(Steering.SET_GATE, Tale.ITEM, 5, "", 12_500));
    t.replace(12, steered(Steering.SET_GATE, Tale.ITEM, 6, "", 12_600));
    t.orders.remove(t.row(8));
    t.refunds.remove(0);
    t.events.removeIf(e -> e.payment().equals("p-2"));
  }

  @TestFactory
  Stream<DynamicTest> logsThatAreNotOne() {
    bad("an epoch that decreases", "S6", t -> t.group(15).epoch = 1);
    bad(
        "an epoch owned twice",
        "S6",
        t -> t.append(true, new Owned(2, "sale-3", 9, Tale.T + 12_950)));
    bad("an epoch that nobody owned", "S6", t -> t.group(15).epoch = 3);
    bad(
        "owned of another epoch than its entry's",
        "S6",
        t -> t.replace(9, new Owned(5, "sale-2", 8, Tale.T + 2_500)));
    bad(
        "a record with an older epoch than the log",
        "S6",
        t -> t.owners.put(1, new Dump.Owner(1, "sale-1", 1, 15, "11")));
    bad(
        "a gap",
        "S11 S7",
        t -> {
          t.groups.remove(t.group(10));
          t.cursors.put(1, new Dump.Cursor(1, 15, "11", 15));
          t.stock.set(0, new Dump.Stock(Tale.ITEM, 1, 0, 2, 3, 14));
          t.sightings.add(new Sighting(Tale.at(13_400), "sale-3", 1, 3, 15, "cc"));
        });
    bad("a wrong crc", "S7", t -> t.group(6).damage = BadRunsTest::wrongCrc);
    bad("an entry under another id", "S10 S2 S7", t -> t.group(15).damage = e -> withId(e, "17-0"));
    bad("an entry that is no entry", "S7", t -> t.groups.get(0).damage = e -> withId(e, "1-5"));
    bad(
        "a batch twice",
        "S7",
        t -> {
          t.group(15).batch = 10;
          t.owners.put(1, new Dump.Owner(1, "sale-2", 2, 15, "10"));
          t.cursors.put(1, new Dump.Cursor(1, 15, "10", 15));
        });
    bad(
        "time that goes back",
        "S7",
        t -> t.append(true, steered(Steering.SET_GATE, Tale.ITEM, 5, "", 12_000)));
    bad(
        "a record that ends before the log",
        "S7",
        t -> t.owners.put(1, new Dump.Owner(1, "sale-2", 2, 14, "11")));
    bad(
        "a record with another batch",
        "S7",
        t -> t.owners.put(1, new Dump.Owner(1, "sale-2", 2, 15, "12")));
    bad("a log without its record", "S7", t -> t.owners.remove(0));
    bad("a cursor beyond the log", "S7", t -> t.cursors.put(1, new Dump.Cursor(1, 16, "12", 16)));
    bad(
        "a cursor in the middle of an entry",
        "S10 S2 S7",
        t -> t.cursors.put(1, new Dump.Cursor(1, 13, "10", 13)));
    bad(
        "a cursor with a batch of another log",
        "S7",
        t -> t.cursors.put(1, new Dump.Cursor(1, 15, "12", 15)));
    return tests.stream();
  }

  private static Dump.Entry withId(Dump.Entry e, String id) {
    return new Dump.Entry(e.partition(), id, e.fields());
  }

  private static Dump.Entry wrongCrc(Dump.Entry e) {
    List<Dump.Field> fields = new ArrayList<>(e.fields());
    fields.set(4, Tale.field("c", 12_345));
    return new Dump.Entry(e.partition(), e.id(), fields);
  }

  @TestFactory
  Stream<DynamicTest> endingsThatMayNotBe() {
    bad(
        "paid and released",
        "S9",
        t -> t.append(true, Tale.released(4, 1, ReleaseReason.EXPIRED, 12_950)));
    bad(
        "released twice",
        "S9",
        t -> t.append(true, Tale.released(5, 2, ReleaseReason.CANCELLED, 12_950)));
    bad(
        "a payment that counts twice",
        "S10 S2 S9",
        t -> t.append(true, Tale.refund(4, "p-1", RefundReason.EXTRA, 12_950)));
    bad(
        "a late payment of an order that was paid",
        "S10 S2 S9",
        t -> {
          t.append(true, Tale.refund(4, "p-9", RefundReason.LATE, 12_950));
          t.pays(12_940, 4, "p-9", "late_payment");
        });
    bad("a payment that nobody sent", "S9", t -> t.events.removeIf(e -> e.payment().equals("p-3")));
    bad("a cancellation that nobody sent", "S9", t -> t.events.removeIf(e -> e.isSent("cancel")));
    bad(
        "a payment in two partitions",
        "S9",
        t -> {
          t.pays(12_890, 13, "p-1", "paid");
          t.groups.get(0).events.add(new Paid(5, 1_003, 1, Bytes.of("p-1"), Tale.T + 1));
          t.owners.put(0, new Dump.Owner(0, "sale-1", 1, 2, "1"));
          t.cursors.put(0, new Dump.Cursor(0, 2, "1", 1));
          t.events.removeIf(
              e -> e.isSent("pay") && e.order() == Tale.order(13) && e.payment().equals("p-1"));
          t.events.removeIf(
              e ->
                  e.what().equals("pay")
                      && e.order() == Tale.order(13)
                      && e.payment().equals("p-1"));
        });
    bad(
        "an expiry before its time",
        "S9",
        t -> {
          t.replace(11, Tale.released(8, 1, ReleaseReason.EXPIRED, 7_100));
          t.orders.remove(t.row(8));
          t.orders.add(Tale.rowOfC(7_100, 12_600));
        });
    bad(
        "paid with another quantity",
        "S1 S10 S9",
        t -> t.replace(14, Tale.paid(13, 2, "p-3", 12_800)));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> claims() {
    bad(
        "an order claimed twice",
        "S9",
        t -> t.sellToDevice(Tale.claimed("e", 12_950), Tale.claimed("f", 12_960)));
    bad(
        "an order claimed by a device",
        "S9",
        t -> t.sellToDevice(Tale.claimed("device:2", 12_950)));
    bad(
        "a claim above the limit",
        "S3 S4",
        t ->
            t.sellToDevice(
                new Accepted(
                    Tale.TO_CLAIM,
                    Bytes.of("e"),
                    Bytes.of("e-3"),
                    2,
                    Tale.T + 17_920,
                    Tale.T + 12_920),
                Tale.claimed("e", 12_950)));
    bad(
        "an order claimed after its release",
        "S9",
        t -> t.sellToDevice(unclaimed(14_910), Tale.claimed("e", 14_950)));
    bad("an order released as unclaimed too soon", "S9", t -> t.sellToDevice(unclaimed(14_909)));
    bad(
        "a claimed order released as unclaimed",
        "S9",
        t -> t.sellToDevice(Tale.claimed("e", 12_950), unclaimed(14_910)));
    bad(
        "an unclaimed order that stays",
        "L3",
        t -> {
          t.sellToDevice();
          t.dumpedAt = 15_911;
        });
    bad(
        "a device's order of an item for users",
        "S3 S8",
        t ->
            t.append(
                false,
                new Accepted(
                    Tale.ITEM,
                    Bytes.of("device:1"),
                    Bytes.of("k-2"),
                    1,
                    Tale.T + 17_910,
                    Tale.T + 12_910)));
    bad(
        "a claim that is not in its own table",
        "S10",
        t -> {
          t.sellToDevice(Tale.claimed("e", 12_950));
          t.claimIsDrained("e", 12_950);
          t.claims.clear();
        });
    bad(
        "a row claimed by another",
        "S10 S2",
        t -> {
          t.sellToDevice(Tale.claimed("e", 12_950));
          t.claimIsDrained("e", 12_950);
          t.orders.remove(Tale.rowOfDevice("e", Tale.T + 12_950));
          t.orders.add(Tale.rowOfDevice("f", Tale.T + 12_950));
        });
    bad(
        "the order of a device, told somebody who has not claimed it",
        "S12 S2",
        t -> {
          t.sellToDevice(Tale.claimed("e", 12_950));
          t.ask(12_970, "d", Tale.TO_CLAIM, "k-1");
          t.answer(12_980, "c-d", "d", Tale.toldOfClaim(19));
        });
    return tests.stream();
  }

  private static Released unclaimed(long atMs) {
    return new Released(Tale.order(18), Tale.TO_CLAIM, 1, ReleaseReason.UNCLAIMED, Tale.T + atMs);
  }

  @TestFactory
  Stream<DynamicTest> booksThatDiffer() {
    bad(
        "a field of an order's row",
        "S10 S2",
        t -> {
          Dump.Order r = t.row(4);
          t.orders.remove(r);
          t.orders.add(
              new Dump.Order(
                  r.order(),
                  r.item(),
                  r.user(),
                  r.key(),
                  r.quantity(),
                  r.price() + 1,
                  r.currency(),
                  r.status(),
                  r.acceptedAt(),
                  r.payBy(),
                  r.paidAt(),
                  r.payment(),
                  r.releasedAt(),
                  r.releaseReason(),
                  r.refundPayment(),
                  r.refundReason(),
                  r.refundAt(),
                  r.claimBy(),
                  r.claimedBy(),
                  r.claimedAt(),
                  r.partition(),
                  r.position()));
        });
    bad("a missing row", "S10 S2", t -> t.orders.remove(t.row(5)));
    bad("a row twice", "S10", t -> t.orders.add(t.row(5)));
    bad(
        "MySQL ahead of the cursor",
        "S10",
        t -> {
          t.cursors.put(1, new Dump.Cursor(1, 12, "9", 11));
        });
    bad(
        "MySQL behind the cursor",
        "S10 S2",
        t -> {
          t.orders.remove(t.row(13));
          t.refunds.remove(1);
          t.stock.set(0, new Dump.Stock(Tale.ITEM, 3, 0, 1, 4, 11));
        });
    bad(
        "stock not returned",
        "S10",
        t -> t.stock.set(0, new Dump.Stock(Tale.ITEM, 1, 0, 2, 4, 14)));
    bad("no stock row", "S10", t -> t.stock.clear());
    bad("a stock row too many", "S10", t -> t.stock.add(new Dump.Stock(1_009, 1, 0, 0, 1, 3)));
    bad("a missing refund", "S10", t -> t.refunds.remove(0));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> statesThatDiffer() {
    bad(
        "two owners, one position, two states",
        "S11",
        t -> t.sightings.add(new Sighting(Tale.at(13_800), "sale-1", 1, 4, 15, "cc")));
    bad(
        "a state beyond the log",
        "S11",
        t -> t.sightings.add(new Sighting(Tale.at(13_800), "sale-1", 1, 4, 16, "cc")));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> whatOthersMayNotHear() {
    bad(
        "an outcome at a connection of another user",
        "S12",
        t -> t.toldAt(340, "c-e", "e", "a-2", "sold_out", 5));
    bad("an outcome before its key was sent", "S12", t -> t.told(100, "e", "e-1", "throttled", -1));
    bad(
        "news of another user's order",
        "S12",
        t ->
            t.events.add(
                ClientEvent.answer(
                    Tale.at(1_020),
                    "c-e",
                    "e",
                    "order",
                    Map.of("order", Tale.order(4) + "", "status", "paid"))));
    bad(
        "a frame of the console",
        "S12",
        t -> t.events.add(ClientEvent.answer(Tale.at(500), "c-e", "e", "rec", Map.of())));
    bad(
        "welcomed as another",
        "S12",
        t ->
            t.events.add(
                ClientEvent.answer(Tale.at(500), "c-e", "e", "welcome", Map.of("user", "a"))));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> whatComesTooLate() {
    bad(
        "owned too late",
        "L1",
        t -> {
          t.marks.removeIf(mark -> mark.kind() == Mark.Kind.OWNED);
          t.mark(7_500, Mark.Kind.OWNED, "");
        });
    bad("never owned", "L1", t -> t.marks.removeIf(mark -> mark.kind() == Mark.Kind.OWNED));
    bad(
        "pending when all was well again",
        "L2",
        t -> {
          t.ask(13_200, "e", "e-1");
          t.told(13_700, "e", "e-1", "pending", -1);
          t.told(13_800, "e", "e-1", "unknown", 15);
        });
    bad("no answer when all was well again", "L2", t -> t.ask(13_200, "e", "e-1"));
    bad(
        "no answer to a key that was sent again when all was well, while others shake",
        "L2",
        t -> t.shake(12_500, "a", "a-1", 1));
    bad(
        "not passed on when all was well, while others shake",
        "L2",
        t -> {
          t.shake(12_500, "b", "b-9", 1);
          t.told(12_510, "b", "b-9", "busy", -1);
        });
    bad(
        "expired too late",
        "L3",
        t -> {
          t.replace(11, Tale.released(8, 1, ReleaseReason.EXPIRED, 14_600));
          t.replace(12, Tale.refund(8, "p-2", RefundReason.LATE, 14_600));
          t.cutBefore(13);
          t.events.removeIf(e -> e.user().equals("d"));
          t.events.removeIf(e -> e.payment().matches("p-[34]"));
          t.forget("e-1", "unknown");
          t.told(13_110, "e", "e-1", "unknown", 10);
          t.sightings.clear();
          t.orders.remove(t.row(13));
          t.orders.remove(t.row(8));
          t.orders.add(Tale.rowOfC(14_600, 14_600));
          t.refunds.clear();
          t.refunds.add(
              new Dump.Refund(Tale.order(8), "p-2", "late_payment", Tale.T + 14_600, 1, 12));
          t.stock.set(0, new Dump.Stock(Tale.ITEM, 3, 0, 1, 4, 11));
          t.cursors.put(1, new Dump.Cursor(1, 12, "9", 11));
          t.dumpedAt = 15_000;
        });
    bad(
        "still held long after payBy",
        "L3",
        t -> {
          t.append(false, Tale.accepted("e", "e-1", 1, 12_905));
          t.told(13_111, "e", "e-1", "unknown", 15);
          t.dumpedAt = 20_000;
        });
    bad(
        "drained too late",
        "L4",
        t -> {
          t.marks.removeIf(mark -> mark.kind() == Mark.Kind.DRAINED);
          t.mark(43_500, Mark.Kind.DRAINED, "");
        });
    bad(
        "not drained long after the load has ended",
        "L4",
        t -> {
          t.append(false, steered(Steering.SET_GATE, Tale.ITEM, 5, "", 12_950));
          t.dumpedAt = 44_000;
        });
    bad(
        "a key without an answer",
        "L5",
        t -> {
          t.events.removeIf(e -> e.key().equals("e-1"));
          t.shake(5_000, "e", "e-1", 1);
        });
    bad(
        "one of two frames throttled, no word of the other",
        "L5",
        t -> {
          t.shake(5_000, "e", "e-2", 1);
          t.shake(5_001, "e", "e-2", 1);
          t.told(5_010, "e", "e-2", "throttled", -1);
        });
    bad(
        "pending for ever",
        "L5",
        t -> {
          t.shake(5_000, "e", "e-2", 1);
          t.told(6_010, "e", "e-2", "pending", -1);
        });
    return tests.stream();
  }

  static Steered steered(Steering steering, long subject, long value, String user, long atMs) {
    Bytes of = Bytes.of(user);
    return new Steered(steering, subject, value, of, Tale.WARRANT, "{}", "{}", Tale.T + atMs);
  }

  private static boolean sent(ClientEvent event, String key) {
    return event.kind() == ClientEvent.Kind.SENT && event.key().equals(key);
  }
}
