package stampede.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.rig.InMemoryJournal.Store;
import stampede.rig.sim.BentJournal;
import stampede.rig.sim.Mistake;
import stampede.sale.PartitionOwner;
import stampede.sale.journal.Journal;

/** Bugs of the store's script, of the appender and of replay. */
final class JournalMistakes {
  private JournalMistakes() {}

  private interface StoreMaker {
    Store make(int partition, Timers clock, long startMs);
  }

  private static Mistake store(StoreMaker maker) {
    return new Mistake() {
      @Override
      public Store store(int partition, Timers clock, long startMs) {
        return maker.make(partition, clock, startMs);
      }
    };
  }

  static Mistake neitherEpochNorPositionChecked() {
    return store(
        (partition, clock, startMs) ->
            new Store(partition, clock, startMs) {
              @Override
              protected Journal.@Nullable Appended refusal(JournalEntry entry, long nonce) {
                return null;
              }
            });
  }

  static Mistake positionNotCompared() {
    return store(
        (partition, clock, startMs) ->
            new Store(partition, clock, startMs) {
              @Override
              protected Journal.@Nullable Appended refusal(JournalEntry entry, long nonce) {
                Journal.Appended refusal = super.refusal(entry, nonce);
                return refusal instanceof Journal.Appended.Gap ? null : refusal;
              }
            });
  }

  /** Of a group of several events one in four times only the first ones get there. */
  static Mistake groupAppliedInPart() {
    return store(
        (partition, clock, startMs) ->
            new Store(partition, clock, startMs) {
              @Override
              protected void write(JournalEntry entry) {
                if (entry.count() < 2 || entry.last() % 4 != 0) {
                  super.write(entry);
                  return;
                }
                writeEnd(entry);
                List<SaleEvent> part = entry.events().subList(0, entry.count() / 2);
                writeEntry(
                    JournalEntry.of(partition, entry.epoch(), entry.first(), entry.batch(), part));
              }
            });
  }

  /** The canary: says ok and writes nothing, one time in fifty. */
  static Mistake storeForgets() {
    return store(
        (partition, clock, startMs) ->
            new Store(partition, clock, startMs) {
              @Override
              protected void write(JournalEntry entry) {
                writeEnd(entry);
                if (entry.last() % 50 != 49) {
                  writeEntry(entry);
                }
              }
            });
  }

  private static Mistake journal(UnaryOperator<Journal> bend) {
    return new Mistake() {
      @Override
      public Journal journal(Journal journal, int partition, int node, Timers timers) {
        return bend.apply(journal);
      }
    };
  }

  /** The answer leaves when the append has been sent. */
  static Mistake replyBeforeDurable() {
    return new Mistake() {
      @Override
      public Journal journal(Journal journal, int partition, int node, Timers timers) {
        return new Hasty(journal, timers);
      }
    };
  }

  private static final class Hasty extends BentJournal {
    private static final long AGAIN_MS = 20;
    private final Timers timers;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private long storeMs;
    private long readAtMs;

    private Hasty(Journal journal, Timers timers) {
      super(journal);
      this.timers = timers;
    }

    @Override
    public void acquire(
        String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
      super.acquire(
          node,
          nonce,
          expectedEpoch,
          leaseMs,
          (result, failure) -> {
            if (result instanceof Acquired.Ok ok) {
              storeMs = ok.time();
              readAtMs = timers.millis();
            }
            done.done(result, failure);
          });
    }

    @Override
    public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
      waiting.add(() -> send(entry, nonce));
      if (waiting.size() == 1) {
        waiting.peek().run();
      }
      long now = storeMs + timers.millis() - readAtMs;
      timers.after(0, () -> done.succeed(new Appended.Ok(entry.last(), now)));
    }

    private void send(JournalEntry entry, long nonce) {
      journal.append(
          entry,
          nonce,
          (result, failure) -> {
            if (result == null) {
              timers.after(AGAIN_MS, () -> send(entry, nonce));
              return;
            }
            waiting.poll();
            if (!waiting.isEmpty()) {
              waiting.peek().run();
            }
          });
    }
  }

  /** Who read the log ahead takes that for all of it. */
  static Mistake opensWithoutTheTail() {
    return journal(
        journal ->
            new BentJournal(journal) {
              private long readUpTo;

              @Override
              public void read(
                  long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
                super.read(
                    afterPosition,
                    entriesMax,
                    (entries, failure) -> {
                      if (entries != null && !entries.isEmpty()) {
                        readUpTo = entries.get(entries.size() - 1).last();
                      }
                      done.done(entries, failure);
                    });
              }

              @Override
              public void acquire(
                  String node,
                  long nonce,
                  long expectedEpoch,
                  long leaseMs,
                  Completion<Acquired> done) {
                long ahead = readUpTo;
                readUpTo = 0;
                super.acquire(
                    node,
                    nonce,
                    expectedEpoch,
                    leaseMs,
                    (result, failure) ->
                        done.done(
                            result instanceof Acquired.Ok ok && ahead > 0
                                ? new Acquired.Ok(
                                    ok.epoch(), ahead, ok.time(), ok.lastBatch(), ok.released())
                                : result,
                            failure));
              }
            });
  }

  /** Lets go of what is behind the last position that may go. */
  static Mistake cutBeyondTheCursor() {
    return journal(
        journal ->
            new BentJournal(journal) {
              @Override
              public void cut(long epoch, long nonce, long position, Completion<Cut> done) {
                super.cut(epoch, nonce, position + 100, done);
              }
            });
  }

  /** A cut says nothing of who is blocked. */
  static Mistake blockedUserLostByTheCut() {
    return journal(
        journal ->
            new BentJournal(journal) {
              @Override
              public void append(JournalEntry e, long nonce, Completion<Appended> done) {
                List<SaleEvent> events = new ArrayList<>();
                for (SaleEvent event : e.events()) {
                  events.add(
                      event instanceof SaleEvent.Restated r
                          ? new SaleEvent.Restated(List.of(), r.limits(), r.at())
                          : event);
                }
                super.append(
                    JournalEntry.of(e.partition(), e.epoch(), e.first(), e.batch(), events),
                    nonce,
                    done);
              }
            });
  }

  static Mistake duplicateTreatedAsGap() {
    return journal(
        journal ->
            new BentJournal(journal) {
              @Override
              public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
                super.append(
                    entry,
                    nonce,
                    (result, failure) ->
                        done.done(
                            result instanceof Appended.Duplicate d
                                ? new Appended.Gap(d.position())
                                : result,
                            failure));
              }
            });
  }

  /** Every node takes its own wall clock for the store's. */
  static Mistake expiryByWallClock() {
    return new Mistake() {
      private SplittableRandom random = new SplittableRandom(0);

      @Override
      public void world(SplittableRandom random) {
        this.random = random.split();
      }

      @Override
      public Journal journal(Journal journal, int partition, int node, Timers timers) {
        return new WallClock(journal, random.nextInt(-5_000, 5_000));
      }
    };
  }

  private static final class WallClock extends BentJournal {
    private final long skewMs;

    private WallClock(Journal journal, long skewMs) {
      super(journal);
      this.skewMs = skewMs;
    }

    @Override
    public void acquire(
        String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
      super.acquire(
          node,
          nonce,
          expectedEpoch,
          leaseMs,
          (r, failure) ->
              done.done(
                  r instanceof Acquired.Ok ok
                      ? new Acquired.Ok(
                          ok.epoch(),
                          ok.position(),
                          ok.time() + skewMs,
                          ok.lastBatch(),
                          ok.released())
                      : r,
                  failure));
    }

    @Override
    public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
      super.append(entry, nonce, (r, failure) -> done.done(skewed(r), failure));
    }

    private @Nullable Appended skewed(@Nullable Appended r) {
      if (r instanceof Appended.Ok ok) {
        return new Appended.Ok(ok.position(), ok.time() + skewMs);
      } else if (r instanceof Appended.Duplicate d) {
        return new Appended.Duplicate(d.position(), d.time() + skewMs);
      }
      return r;
    }

    @Override
    public void renew(long epoch, long nonce, Completion<Renewed> done) {
      super.renew(
          epoch,
          nonce,
          (r, failure) ->
              done.done(
                  r instanceof Renewed.Ok ok ? new Renewed.Ok(ok.time() + skewMs) : r, failure));
    }

    @Override
    public void owner(Completion<Owner> done) {
      super.owner(
          (o, failure) ->
              done.done(
                  o == null
                      ? null
                      : new Owner(
                          o.epoch(),
                          o.nonce(),
                          o.node(),
                          o.position(),
                          o.leaseRemainingMs(),
                          o.time() + skewMs),
                  failure));
    }
  }

  /** A lease is taken to run from when the answer came, not from when the renewal was sent. */
  static Mistake renewalCountedFromReceipt() {
    return new Mistake() {
      private final Map<Integer, Lag> lags = new HashMap<>();

      @Override
      public Journal journal(Journal journal, int partition, int node, Timers timers) {
        Lag lag = new Lag(timers);
        lags.put(2 * node + partition, lag);
        return new Receiving(journal, lag);
      }

      @Override
      public Timers ownerTimers(Timers timers, int partition, int node) {
        return lags.get(2 * node + partition);
      }

      /** A drain that is further would show an owner just as well that it is none any more. */
      @Override
      public void drained(PartitionOwner owner, long position) {
        if (position <= owner.standing().position()) {
          owner.drained(position);
        }
      }
    };
  }

  /** A clock that leaves out the time renewals were under way. */
  private static final class Lag implements Timers {
    private final Timers timers;
    private long leftOutNanos;

    private Lag(Timers timers) {
      this.timers = timers;
    }

    @Override
    public long nanos() {
      return timers.nanos() - leftOutNanos;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return timers.after(delayMs, task);
    }
  }

  private static final class Receiving extends BentJournal {
    private final Lag lag;

    private Receiving(Journal journal, Lag lag) {
      super(journal);
      this.lag = lag;
    }

    @Override
    public void renew(long epoch, long nonce, Completion<Renewed> done) {
      long sentNanos = lag.nanos();
      super.renew(
          epoch,
          nonce,
          (result, failure) -> {
            received(result instanceof Renewed.Ok, sentNanos);
            done.done(result, failure);
          });
    }

    @Override
    public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
      long sentNanos = lag.nanos();
      super.append(
          entry,
          nonce,
          (result, failure) -> {
            received(
                result instanceof Appended.Ok || result instanceof Appended.Duplicate, sentNanos);
            done.done(result, failure);
          });
    }

    private void received(boolean renewed, long sentNanos) {
      if (renewed) {
        lag.leftOutNanos += Math.max(0, lag.nanos() - sentNanos);
      }
    }
  }

  /** What a new owner reads is not what was written. */
  private static Mistake replay(UnaryOperator<SaleEvent> bend) {
    return journal(
        journal ->
            new BentJournal(journal) {
              @Override
              public void read(
                  long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
                super.read(
                    afterPosition,
                    entriesMax,
                    (entries, failure) ->
                        done.done(
                            entries == null
                                ? null
                                : entries.stream().map(e -> bent(e, bend)).toList(),
                            failure));
              }
            });
  }

  private static JournalEntry bent(JournalEntry entry, UnaryOperator<SaleEvent> bend) {
    return JournalEntry.of(
        entry.partition(),
        entry.epoch(),
        entry.first(),
        entry.batch(),
        entry.events().stream().map(bend).toList());
  }

  static Mistake boundKeysNotRebuilt() {
    return replay(
        event ->
            event instanceof Accepted e
                ? new Accepted(
                    e.item(), e.user(), Bytes.of(e.key() + "_"), e.quantity(), e.payBy(), e.at())
                : event);
  }

  /** The new owner has the order, but takes it for another user's. */
  static Mistake claimsNotRebuilt() {
    return replay(
        event ->
            event instanceof Claimed e
                ? new Claimed(e.order(), e.item(), e.quantity(), Bytes.of(e.user() + "_"), e.at())
                : event);
  }

  /** The new owner has the units, but not that the portion is out. */
  static Mistake stagedStockReleasedTwice() {
    Warrant nobody = new Warrant("replay", "", Bytes.EMPTY, false);
    return replay(
        event ->
            event instanceof StockReleased e
                ? new Steered(
                    Steering.ADD_STOCK,
                    e.item(),
                    e.units(),
                    Bytes.EMPTY,
                    nobody,
                    "{}",
                    "{}",
                    e.at())
                : event);
  }

  static Mistake latePaymentTakenAsPaid() {
    return journal(LatePayer::new);
  }

  /** Writes {@code Paid} where the payment came after the release. */
  private static final class LatePayer extends BentJournal {
    private final Map<Long, Accepted> orders = new HashMap<>();

    private LatePayer(Journal journal) {
      super(journal);
    }

    @Override
    public void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
      super.read(
          afterPosition,
          entriesMax,
          (entries, failure) -> {
            if (entries != null) {
              entries.forEach(this::learn);
            }
            done.done(entries, failure);
          });
    }

    private void learn(JournalEntry entry) {
      long position = entry.first();
      for (SaleEvent event : entry.events()) {
        if (event instanceof Accepted accepted) {
          orders.put(PartitionMap.orderId(entry.partition(), position), accepted);
        }
        position++;
      }
    }

    @Override
    public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
      learn(entry);
      List<SaleEvent> events = new ArrayList<>();
      for (SaleEvent event : entry.events()) {
        Accepted order = event instanceof RefundDue r ? orders.get(r.order()) : null;
        events.add(
            order != null && event instanceof RefundDue r && r.reason() == RefundReason.LATE
                ? new Paid(r.order(), order.item(), order.quantity(), r.payment(), r.at())
                : event);
      }
      super.append(
          JournalEntry.of(entry.partition(), entry.epoch(), entry.first(), entry.batch(), events),
          nonce,
          done);
    }
  }
}
