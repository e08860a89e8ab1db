package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import stampede.protocol.BatchReply.Answered;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.EventCodec;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

/**
 * Feeds the engine and its naive twin the same random commands; everything either says must be the
 * same. Few items, users, keys and payments, so that they meet. A failure names the seed: {@code
 * -Dtwin.seed=N} runs that one alone.
 */
class TwinTest {
  private static final int SEEDS = 200;
  private static final int COMMANDS = 2_000;
  private static final long START = 1_800_000_000_000L;

  private final TreeSet<String> seen = new TreeSet<>();

  @Test
  void engineAndTwinSayAndDoTheSame() {
    Long only = Long.getLong("twin.seed");
    for (long seed = only == null ? 1 : only; seed <= (only == null ? SEEDS : only); seed++) {
      try {
        new Run(seed).play();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }

    if (only == null) {
      assertThat(seen).contains("ACCEPTED", "accepted again", "SOLD_OUT", "LIMIT_REACHED", "ENDED");
      assertThat(seen).contains("PAUSED", "NOT_OPEN", "BLOCKED", "BUSY", "UNKNOWN");
      assertThat(seen).contains("key_reused", "unknown_item", "unknown_order", "already_paid");
      assertThat(seen).contains("amount_mismatch", "currency_mismatch", "payment_reused");
      assertThat(seen).contains("paid", "late_payment", "extra_payment", "too_many_events");
      assertThat(seen).contains("item_ended", "item_differs", "too_much_stock", "invalid");
      assertThat(seen)
          .contains("Owned", "ItemPublished", "ItemOpened", "ItemEnded", "Accepted", "Paid")
          .contains("Released", "RefundDue", "StockReleased", "Steered", "OrderIs", "ItemIs");
      assertThat(seen)
          .contains("Claimed", "already_claimed", "order_released", "limit_reached", "blocked")
          .contains("login_required", "expired", "cancelled", "unclaimed", "busy");
      assertThat(seen)
          .contains("SessionArchived", "Restated", "LogCut", "not_ended", "orders_held")
          .contains("too_early", "cut log of living items", "cut log without its cut");
    }
  }

  private final class Run {
    final Random random;
    final int partition;
    final int items;
    final SaleEngine engine;
    final NaiveTwin twin;
    final List<SaleEvent> log = new ArrayList<>();
    final Map<Long, Long> hashes = new LinkedHashMap<>();
    final List<SaleItem> published = new ArrayList<>();
    long now = START;
    long epoch;

    Run(long seed) {
      random = new Random(seed * 0x9E3779B97F4A7C15L);
      partition = random.nextInt(3) * 7;
      items = 1 + random.nextInt(random.nextBoolean() ? 3 : 12);
      long eventsMax = random.nextInt(4) == 0 ? 1_090 + random.nextInt(400) : 100_000;
      engine = new SaleEngine(partition, eventsMax);
      twin = new NaiveTwin(partition, eventsMax);
    }

    void play() {
      own();
      for (int i = 0; i < COMMANDS; i++) {
        step();
        if (i % 40 == 0) {
          compareStates();
        }
      }
      compareStates();
      replay();
      replayCut();
      if (Boolean.getBoolean("twin.stats")) {
        System.err.println(log.size() + " events " + twin.orders.size() + " orders");
      }
    }

    void step() {
      int die = random.nextInt(1_000);
      now += die < 950 ? random.nextInt(120) : die < 996 ? random.nextInt(4_000) : 9_000;
      if (random.nextInt(300) == 0) {
        own();
      }
      if (random.nextInt(8) == 0) {
        letTimeDoItsWork();
      }
      if (random.nextInt(20) == 0) {
        cut();
      }
      boolean trusted = random.nextInt(20) != 0;
      long at = random.nextInt(30) == 0 ? now - 5_000 : now;
      Command command = command();
      Decision naive = twin.decide(command, at, trusted, log);
      Decision decision = engine.decide(command, at, trusted);
      assertThat(bytes(decision.reply()))
          .as("to %s: %s, twin: %s", command, decision.reply(), naive.reply())
          .isEqualTo(bytes(naive.reply()));
      assertThat(decision.events()).as("events of %s", command).isEqualTo(naive.events());
      apply(decision.events());
      boolean repeated = decision.reply() instanceof Reply.Steered && decision.events().isEmpty();
      if (!repeated) {
        assertThat(decision.reply().position()).isEqualTo(engine.position());
      }
      note(decision.reply());
    }

    void letTimeDoItsWork() {
      int max = random.nextBoolean() ? 1 + random.nextInt(4) : 1_000;
      assertThat(engine.nextDueAt()).as("next due").isEqualTo(twin.nextDueAt());
      List<SaleEvent> due = engine.due(now, max);
      assertThat(due).as("due").isEqualTo(twin.due(now, max));
      assertThat(due.isEmpty()).isEqualTo(Math.max(now, engine.lastEventAt()) < engine.nextDueAt());
      apply(due);
    }

    void cut() {
      long drained = engine.position() - random.nextInt(30);
      long forgettable = drained - random.nextInt(random.nextBoolean() ? 1 : 60);
      List<SaleEvent> events = engine.cut(drained, forgettable, now);
      long at = Math.max(now, engine.lastEventAt());
      long expected = twin.mayCutUpTo(drained, forgettable);
      if (expected == 0) {
        assertThat(events).isEmpty();
      } else {
        assertThat(events).last().isEqualTo(new SaleEvent.LogCut(expected, epoch, at));
      }
      apply(events);
    }

    /** As it is in the journal then: it begins anywhere up to where it may. */
    void replayCut() {
      long upTo = engine.cutUpTo();
      for (int i = 0; i < 5 && upTo > 0; i++) {
        long cutAway = i == 0 ? upTo : random.nextLong(upTo + 1);
        SaleEngine again = new SaleEngine(partition, 1, cutAway);
        boolean whole = cutAway == 0;
        for (SaleEvent event : log.subList((int) cutAway, log.size())) {
          assertThat(again.isWhole()).isEqualTo(whole);
          again.apply(event);
          whole |= event instanceof SaleEvent.LogCut e && e.upTo() >= cutAway;
          Long expected = hashes.get(again.position());
          if (whole && expected != null) {
            assertThat(again.stateHash()).as("cut %d", cutAway).isEqualTo(expected);
          }
        }
        assertThat(again.isWhole()).isTrue();
        assertThat(numbers(again)).as("cut %d", cutAway).isEqualTo(numbers(engine));
        assertThat(again.nextDueAt()).isEqualTo(engine.nextDueAt());
        seen.add(again.items() > 0 ? "cut log of living items" : "");
      }
      if (upTo + 1 < log.size()) {
        SaleEngine again = new SaleEngine(partition, 1, upTo + 1);
        try {
          log.subList((int) upTo + 1, log.size()).forEach(again::apply);
          assertThat(again.isWhole()).isFalse();
        } catch (BrokenInvariant expected) {
          assertThat(expected).hasMessageContaining("position");
        }
        seen.add("cut log without its cut");
      }
    }

    void own() {
      epoch += 1 + random.nextInt(2);
      long at = Math.max(now, engine.lastEventAt());
      apply(
          List.of(new SaleEvent.Owned(epoch, "sale-" + random.nextInt(3), random.nextLong(), at)));
    }

    void apply(List<SaleEvent> events) {
      for (SaleEvent event : events) {
        engine.apply(event);
        twin.apply(event);
        log.add(event);
        seen.add(event.getClass().getSimpleName());
        seen.add(event instanceof SaleEvent.Released e ? e.reason().text() : "");
      }
    }

    void compareStates() {
      assertThat(numbers(engine)).isEqualTo(numbers(twin));
      assertThat(engine.stateHash()).isEqualTo(twin.stateHash());
      assertThat(hashInSteps(1 + random.nextInt(9))).isEqualTo(twin.stateHash());
      assertThat(engine.unaccountedUnits()).isZero();
      assertThat(engine.nextDueAt()).as("next due").isEqualTo(twin.nextDueAt());
      for (int i = 0; i < engine.items(); i++) {
        assertThat(engine.itemAt(i))
            .isEqualTo(twin.itemIs(twin.items.get(i), engine.lastEventAt()));
      }
      hashes.put(engine.position(), engine.stateHash());
    }

    private long hashInSteps(int records) {
      StateHash hash = engine.beginHash();
      boolean whole = false;
      while (!whole) {
        whole = hash.advance(records);
      }
      return hash.value();
    }

    /** From bytes, as a new owner would; the hash must be right at every prefix compared live. */
    void replay() {
      SaleEngine again = new SaleEngine(partition, 1);
      for (SaleEvent event : EventCodec.decode(EventCodec.encode(log), log.size())) {
        again.apply(event);
        Long expected = hashes.get(again.position());
        if (expected != null) {
          assertThat(again.stateHash()).as("at %d", again.position()).isEqualTo(expected);
        }
      }
      assertThat(again.stateHash()).isEqualTo(engine.stateHash());
      assertThat(again.nextDueAt()).isEqualTo(engine.nextDueAt());
      assertThat(again.epoch()).isEqualTo(epoch);
    }

    // --- random commands

    Command command() {
      int die = random.nextInt(100);
      if (die < 46) {
        return new Command.Shake(item(), shopper(), key(), quantity());
      } else if (die < 51) {
        return claim();
      } else if (die < 55) {
        return new Command.AskResult(item(), shopper(), key());
      } else if (die < 63) {
        return new Command.Cancel(order(), shopper());
      } else if (die < 78) {
        return pay();
      } else if (die < 81) {
        return new Command.FindOrder(order(), random.nextBoolean() ? Bytes.EMPTY : shopper());
      } else if (die < 84) {
        return new Command.FindItem(item());
      } else if (die < 86) {
        return new Command.Archive(1 + random.nextInt(3), random.nextInt(6) != 0);
      } else if (die < 90 || published.isEmpty()) {
        return new Command.Publish(saleItem(), warrant());
      }
      return steer();
    }

    int quantity() {
      return 1 + random.nextInt(random.nextInt(5) == 0 ? 80 : 3);
    }

    /** Mostly by who has the device. */
    Command claim() {
      List<NaiveTwin.Order> ofDevices =
          twin.orders.stream().filter(NaiveTwin.Order::ofDevice).toList();
      if (ofDevices.isEmpty() || random.nextInt(8) == 0) {
        return new Command.Claim(order(), user(), device());
      }
      int newest = ofDevices.size() - 1;
      int back = Math.min(newest, random.nextInt(random.nextBoolean() ? 4 : 100));
      NaiveTwin.Order order = ofDevices.get(newest - back);
      return new Command.Claim(twin.id(order), user(), order.user);
    }

    Command pay() {
      long id = order();
      NaiveTwin.Order known = twin.order(id);
      long right = known == null ? 100 : known.item.facts.price() * known.quantity;
      long amount = random.nextInt(10) == 0 ? right + 1 : right;
      String currency = random.nextInt(12) == 0 ? "EUR" : "CNY";
      return new Command.Pay(id, text("p", 60), amount, currency);
    }

    Command steer() {
      Steering[] all = Steering.values();
      Steering steering = all[random.nextInt(all.length)];
      if (random.nextInt(4) != 0) {
        steering = kinder(steering);
      }
      boolean ofUser = steering == Steering.BLOCK_USER || steering == Steering.UNBLOCK_USER;
      boolean ofSession = steering == Steering.PAUSE_SESSION || steering == Steering.RESUME_SESSION;
      boolean ofEdges = steering == Steering.SET_LIMIT;
      long subject =
          ofUser ? 0 : ofEdges ? random.nextInt(18) : ofSession ? 1 + random.nextInt(3) : item();
      Bytes user = ofUser && random.nextInt(8) != 0 ? user() : Bytes.EMPTY;
      long value =
          switch (steering) {
            case ADD_STOCK -> random.nextInt(6) == 0 ? 4_999_990 : random.nextInt(15) - 1;
            case SET_GATE -> random.nextInt(1_100_000) - 10_000;
            case SET_COOLDOWN -> random.nextInt(4_000_000) - 100_000;
            case SET_LIMIT -> random.nextInt(random.nextBoolean() ? 30 : 2_000_000) - 2;
            default -> 0;
          };
      return new Command.Steer(steering, subject, value, user, warrant());
    }

    /** Most of the time something should be for sale. */
    Steering kinder(Steering steering) {
      return switch (steering) {
        case PAUSE_ITEM, CLOSE_ITEM -> Steering.RESUME_ITEM;
        case PAUSE_SESSION -> Steering.RESUME_SESSION;
        case BLOCK_USER -> Steering.UNBLOCK_USER;
        default -> steering;
      };
    }

    SaleItem saleItem() {
      if (!published.isEmpty() && random.nextInt(4) == 0) {
        return published.get(random.nextInt(published.size()));
      }
      long opensAt = now - 3_000 + random.nextInt(8_000);
      long closesAt = opensAt + 1_000 + random.nextInt(random.nextBoolean() ? 30_000 : 500_000);
      List<SaleItem.Release> releases = new ArrayList<>();
      long releaseAt = opensAt - 1_000;
      for (int i = random.nextInt(4); i > 0; i--) {
        releaseAt = Math.min(closesAt - 1, releaseAt + random.nextInt(15_000));
        releases.add(new SaleItem.Release(releaseAt, 1 + random.nextInt(9)));
      }
      SaleItem item =
          new SaleItem(
              item(),
              1 + random.nextInt(2),
              "茶 " + random.nextInt(3),
              random.nextInt(3) * 250L,
              900,
              "CNY",
              opensAt,
              closesAt,
              stock(releases),
              1 + random.nextInt(random.nextBoolean() ? 5 : 200),
              1_000 + random.nextInt(15_000),
              0,
              1_000_000,
              releases,
              random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0,
              random.nextInt(3) == 0 ? 3 + random.nextInt(20) : 0,
              random.nextInt(3) == 0 ? 0 : 1_000 + random.nextInt(9_000));
      published.add(item);
      return item;
    }

    int stock(List<SaleItem.Release> releases) {
      int most = random.nextInt(3) == 0 ? 300 : 30;
      return releases.isEmpty() ? 1 + random.nextInt(most) : random.nextInt(most);
    }

    Warrant warrant() {
      Bytes key = random.nextInt(3) == 0 ? Bytes.EMPTY : text("w", 40);
      return new Warrant("root", "", key, random.nextBoolean());
    }

    long item() {
      return 1 + random.nextInt(items);
    }

    Bytes user() {
      return text("u", 9);
    }

    Bytes device() {
      return text("device:", 9);
    }

    Bytes shopper() {
      return random.nextInt(3) == 0 ? device() : user();
    }

    Bytes key() {
      return text("k", 12);
    }

    long order() {
      if (twin.orders.isEmpty() || random.nextInt(12) == 0) {
        return PartitionMap.orderId(random.nextInt(15), random.nextInt(200));
      }
      int newest = twin.orders.size() - 1;
      int back = Math.min(newest, random.nextInt(random.nextBoolean() ? 8 : 200));
      return twin.id(twin.orders.get(newest - back));
    }

    Bytes text(String prefix, int count) {
      return Bytes.of(prefix + random.nextInt(count));
    }
  }

  private void note(Reply reply) {
    if (reply instanceof Reply.Shaken r) {
      seen.add(r.outcome() == Outcome.INVALID ? r.code() : r.outcome().name());
      seen.add(r.again() ? "accepted again" : "");
    } else if (reply instanceof Reply.Refused r) {
      seen.add(r.code());
    } else if (reply instanceof Reply.PaymentIs r) {
      seen.add(r.status());
    } else {
      seen.add(reply.getClass().getSimpleName());
    }
  }

  private static byte[] bytes(Reply reply) {
    return new Answered(List.of(reply)).encode();
  }

  private static long[] numbers(SaleEngine engine) {
    LongStream.Builder numbers = LongStream.builder();
    engine.canonical(numbers);
    return numbers.build().toArray();
  }

  private static long[] numbers(NaiveTwin twin) {
    LongStream.Builder numbers = LongStream.builder();
    twin.canonical(numbers);
    return numbers.build().toArray();
  }
}
