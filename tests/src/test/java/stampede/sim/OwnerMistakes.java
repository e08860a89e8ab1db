package stampede.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.rig.InMemoryJournal.Store;
import stampede.rig.sim.BentJournal;
import stampede.rig.sim.Mistake;
import stampede.sale.PartitionOwner;
import stampede.sale.engine.Decision;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;

/** Bugs of what an owner answers. They bend batches of one command, which most are. */
final class OwnerMistakes {
  private OwnerMistakes() {}

  /** Says {@code sold_out} by the state that is not durable yet. */
  static Mistake ungatedReject() {
    return new Mistake() {
      private final Set<List<Bytes>> seen = new HashSet<>();
      private final Map<PartitionOwner, List<CommandBatch>> waiting = new HashMap<>();

      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        Hint hint = owner.hint();
        List<CommandBatch> before = waiting.computeIfAbsent(owner, o -> new ArrayList<>());
        boolean first =
            batch.commands().get(0) instanceof Command.Shake s
                && seen.add(List.of(s.user(), s.key()));
        if (first
            && batch.commands().size() == 1
            && hint.serving()
            && batch.epoch() == hint.epoch()
            && isSoldOut(before, batch, store)) {
          Reply.Shaken soldOut = Reply.Shaken.of(Outcome.SOLD_OUT, hint.position(), hint.now());
          done.succeed(new BatchReply.Answered(List.of(soldOut)));
        } else {
          before.add(batch);
          owner.handle(
              batch,
              (reply, failure) -> {
                before.remove(batch);
                done.done(reply, failure);
              });
        }
      }
    };
  }

  /** Once what waits for the journal is decided too. */
  private static boolean isSoldOut(List<CommandBatch> before, CommandBatch batch, Store store) {
    SaleEngine engine = new SaleEngine(batch.partition(), Long.MAX_VALUE / 4);
    store.log().forEach(entry -> entry.events().forEach(engine::apply));
    long now = Math.max(store.now(), engine.lastEventAt());
    for (CommandBatch earlier : before) {
      for (Command command : earlier.commands()) {
        engine.decide(command, now, true).events().forEach(engine::apply);
      }
    }
    return !before.isEmpty()
        && engine.decide(batch.commands().get(0), now, true).reply() instanceof Reply.Shaken said
        && said.outcome() == Outcome.SOLD_OUT;
  }

  /** Who gave the partition over goes on answering from what it had. */
  static Mistake answersAfterTheRelease() {
    return new Mistake() {
      private final Map<PartitionOwner, Long> served = new HashMap<>();

      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        owner.handle(
            batch,
            (reply, failure) -> {
              boolean other = reply instanceof BatchReply.NotOwner;
              if (reply instanceof BatchReply.Answered) {
                served.put(owner, batch.epoch());
              }
              if (other && served.getOrDefault(owner, -1L) == batch.epoch()) {
                done.succeed(decided(batch, store));
              } else {
                done.done(reply, failure);
              }
            });
      }
    };
  }

  private static BatchReply decided(CommandBatch batch, Store store) {
    SaleEngine engine = new SaleEngine(batch.partition(), Long.MAX_VALUE / 4);
    for (JournalEntry entry : store.log()) {
      if (entry.epoch() <= batch.epoch()) {
        entry.events().forEach(engine::apply);
      }
    }
    long now = Math.max(store.now(), engine.lastEventAt());
    List<Reply> replies = new ArrayList<>();
    for (Command command : batch.commands()) {
      Decision decision = engine.decide(command, now, true);
      decision.events().forEach(engine::apply);
      replies.add(decision.reply());
    }
    return new BatchReply.Answered(replies);
  }

  /** Takes every copy that comes, however late. */
  static Mistake lateCopiesTaken() {
    return new Mistake() {
      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        owner.handle(new CommandBatch(batch.partition(), batch.epoch(), batch.commands()), done);
      }
    };
  }

  /** Owners take it that there are no edges to hear. */
  static Mistake neverDeaf() {
    return new Mistake() {
      @Override
      public List<String> liveEdges(List<String> live) {
        return List.of();
      }
    };
  }

  /** A released order still counts for its user. */
  static Mistake releasedOrderKeepsTheLimit() {
    return new Mistake() {
      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        Hint hint = owner.hint();
        if (batch.commands().get(0) instanceof Command.Shake shake
            && batch.commands().size() == 1
            && batch.epoch() == hint.epoch()
            && hint.serving()
            && hint.position() == store.position()
            && refused(shake, store.log())) {
          Reply.Shaken refused =
              Reply.Shaken.limitReached(new long[0], hint.position(), hint.now());
          done.succeed(new BatchReply.Answered(List.of(refused)));
        } else {
          owner.handle(batch, done);
        }
      }
    };
  }

  private static boolean refused(Command.Shake shake, List<JournalEntry> log) {
    Map<Long, Accepted> orders = new HashMap<>();
    int ever = 0;
    int limit = 0;
    boolean anyReleased = false;
    for (JournalEntry entry : log) {
      long position = entry.first();
      for (SaleEvent event : entry.events()) {
        if (event instanceof ItemPublished e && e.item().item() == shake.item()) {
          limit = e.item().limitPerUser();
        } else if (event instanceof Accepted e
            && e.item() == shake.item()
            && e.user().equals(shake.user())) {
          if (e.key().equals(shake.key())) {
            return false; // its key has an order
          }
          ever += e.quantity();
          orders.put(PartitionMap.orderId(entry.partition(), position), e);
        } else if (event instanceof Released e) {
          anyReleased |= orders.containsKey(e.order());
        }
        position++;
      }
    }
    return anyReleased && ever + shake.quantity() > limit;
  }

  /** Whoever signs in gets the order, whatever that user has of the item already. */
  static Mistake limitNotCheckedAtTheClaim() {
    return new Mistake() {
      private static final String ALIAS = "~";

      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        boolean refused =
            batch.commands().size() == 1
                && batch.commands().get(0) instanceof Command.Claim claim
                && isAboveTheLimit(claim, batch.partition(), store);
        owner.handle(
            refused ? byAnother((Command.Claim) batch.commands().get(0), batch) : batch, done);
      }

      private CommandBatch byAnother(Command.Claim c, CommandBatch batch) {
        Command claim = new Command.Claim(c.order(), Bytes.of(c.user() + ALIAS), c.device());
        return new CommandBatch(batch.partition(), batch.epoch(), batch.passage(), List.of(claim));
      }

      @Override
      public Journal journal(Journal journal, int partition, int node, Timers timers) {
        return new BentJournal(journal) {
          @Override
          public void append(JournalEntry e, long nonce, Completion<Appended> done) {
            List<SaleEvent> events = new ArrayList<>();
            e.events().forEach(event -> events.add(asAsked(event)));
            super.append(
                JournalEntry.of(e.partition(), e.epoch(), e.first(), e.batch(), events),
                nonce,
                done);
          }
        };
      }

      private SaleEvent asAsked(SaleEvent event) {
        if (event instanceof Claimed e && e.user().utf8().endsWith(ALIAS)) {
          Bytes user = Bytes.of(e.user().utf8().replace(ALIAS, ""));
          return new Claimed(e.order(), e.item(), e.quantity(), user, e.at());
        }
        return event;
      }
    };
  }

  private static boolean isAboveTheLimit(Command.Claim claim, int partition, Store store) {
    SaleEngine engine = new SaleEngine(partition, Long.MAX_VALUE / 4);
    store.log().forEach(entry -> entry.events().forEach(engine::apply));
    return engine.decide(claim, store.now(), true).reply() instanceof Reply.Refused refused
        && refused.code().equals("limit_reached");
  }

  /** Takes the store's clock for the monotonic one, so that it never sees a jump. */
  static Mistake jumpsOfTheClockUnseen() {
    return new Mistake() {
      private final Map<Integer, Store> stores = new HashMap<>();

      @Override
      public Store store(int partition, Timers clock, long startMs) {
        Store store = new Store(partition, clock, startMs);
        stores.put(partition, store);
        return store;
      }

      @Override
      public Timers ownerTimers(Timers timers, int partition, int node) {
        Store store = stores.get(partition);
        return new Timers() {
          @Override
          public long nanos() {
            return store.now() * 1_000_000;
          }

          @Override
          public long millis() {
            return timers.millis();
          }

          @Override
          public Timer after(long delayMs, Runnable task) {
            return timers.after(delayMs, task);
          }
        };
      }
    };
  }

  /** Who comes too late with a claim hears yes, though the units are sold again. */
  static Mistake claimTakenAfterItsRelease() {
    return new Mistake() {
      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        owner.handle(
            batch,
            (reply, failure) -> {
              boolean tooLate =
                  batch.commands().size() == 1
                      && batch.commands().get(0) instanceof Command.Claim
                      && reply instanceof BatchReply.Answered answered
                      && answered.replies().get(0) instanceof Reply.Refused refused
                      && refused.code().equals("order_released");
              if (tooLate) {
                Command.Claim claim = (Command.Claim) batch.commands().get(0);
                Command find = new Command.FindOrder(claim.order(), claim.device());
                owner.handle(
                    new CommandBatch(batch.partition(), batch.epoch(), List.of(find)), done);
              } else {
                done.done(reply, failure);
              }
            });
      }
    };
  }

  /** What is paid in the second before the release is told, and not kept. */
  static Mistake paymentOfTheLastSecondNotKept() {
    return new Mistake() {
      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        if (batch.commands().size() != 1 || !(batch.commands().get(0) instanceof Command.Pay pay)) {
          owner.handle(batch, done);
          return;
        }
        Command find = new Command.FindOrder(pay.order(), Bytes.EMPTY);
        owner.handle(
            new CommandBatch(batch.partition(), batch.epoch(), List.of(find)),
            (reply, failure) -> {
              boolean lastSecond =
                  reply instanceof BatchReply.Answered answered
                      && answered.replies().get(0) instanceof Reply.OrderIs is
                      && is.order().status() == OrderStatus.HELD
                      && store.now() > is.order().payBy();
              if (lastSecond) {
                Reply.OrderIs is = (Reply.OrderIs) ((BatchReply.Answered) reply).replies().get(0);
                Reply.PaymentIs paid = new Reply.PaymentIs(is.position(), "paid", is.order());
                done.succeed(new BatchReply.Answered(List.of(paid)));
              } else {
                owner.handle(batch, done);
              }
            });
      }
    };
  }

  /** A paid order is paid; who asks again, with whatever payment, hears so. */
  static Mistake secondPaymentSwallowed() {
    return new Mistake() {
      @Override
      public void handle(
          PartitionOwner owner, CommandBatch batch, Store store, Completion<BatchReply> done) {
        if (batch.commands().size() != 1 || !(batch.commands().get(0) instanceof Command.Pay pay)) {
          owner.handle(batch, done);
          return;
        }
        Command find = new Command.FindOrder(pay.order(), Bytes.EMPTY);
        owner.handle(
            new CommandBatch(batch.partition(), batch.epoch(), List.of(find)),
            (reply, failure) -> {
              Reply.PaymentIs paid = paidAlready(reply);
              if (paid != null) {
                done.succeed(new BatchReply.Answered(List.of(paid)));
              } else {
                owner.handle(batch, done);
              }
            });
      }
    };
  }

  private static Reply.@Nullable PaymentIs paidAlready(@Nullable BatchReply reply) {
    return reply instanceof BatchReply.Answered answered
            && answered.replies().get(0) instanceof Reply.OrderIs is
            && is.order().status() == OrderStatus.PAID
        ? new Reply.PaymentIs(is.position(), "paid", is.order())
        : null;
  }
}
