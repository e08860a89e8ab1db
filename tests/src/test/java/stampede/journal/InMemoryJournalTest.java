package stampede.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.journal.Entries.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.rig.Faults;
import stampede.rig.InMemoryJournal;
import stampede.rig.VirtualTimers;
import stampede.sale.journal.Journal;
import stampede.sale.journal.Journal.Acquired;
import stampede.sale.journal.Journal.Appended;
import stampede.sale.journal.Journal.Unreachable;

class InMemoryJournalTest extends JournalContract {
  private final VirtualTimers timers = new VirtualTimers();
  private final InMemoryJournal.Store store =
      new InMemoryJournal.Store(PARTITION, timers, 1_800_000_000_000L);

  @Override
  Journal open() {
    return open(Faults.none());
  }

  private Journal open(Faults faults) {
    return new InMemoryJournal(store, timers, faults);
  }

  @Override
  <T> T result(Journal journal, BiConsumer<Journal, Completion<T>> call) {
    Ended<T> ended = ended(journal, call);
    assertThat(ended.failure).isNull();
    assertThat(ended.result).isNotNull();
    return ended.result;
  }

  @Override
  void pass(long ms) {
    timers.run(timers.millis() + ms);
  }

  private record Ended<T>(@Nullable T result, @Nullable Throwable failure) {}

  /** Makes the call and lets time pass until it ends. */
  private <T> Ended<T> ended(Journal journal, BiConsumer<Journal, Completion<T>> call) {
    List<Ended<T>> ends = new ArrayList<>();
    long start = timers.millis();
    call.accept(journal, (result, failure) -> ends.add(new Ended<>(result, failure)));
    assertThat(ends).as("completions are never synchronous").isEmpty();
    while (ends.isEmpty()) {
      assertThat(timers.step()).isTrue();
    }
    assertThat(timers.millis() - start).isLessThanOrEqualTo(InMemoryJournal.TIMEOUT_MS);
    return ends.get(0);
  }

  @Test
  void entryWhoseReplyWasLostIsThereWhenSentAgain() {
    Faults faults = Faults.none();
    Journal journal = open(faults);
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    JournalEntry entry = entry(PARTITION, 1, 1, 1, 1);
    faults.rates(0, 0, 1_000, 0);

    Ended<Appended> lost = ended(journal, (j, done) -> j.append(entry, NONCE_A, done));
    faults.rates(0, 0, 0, 0);

    assertThat(lost.failure()).isInstanceOf(Unreachable.class);
    assertThat(append(journal, entry, NONCE_A)).isInstanceOf(Appended.Duplicate.class);
  }

  @Test
  void callGivenUpMayBeCarriedOutAfterLaterOnes() {
    Faults faults = Faults.none();
    Journal journal = open(faults);
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    faults.rates(0, 0, 0, 1_000);
    Ended<Boolean> late = ended(journal, (j, done) -> j.release(1, NONCE_A, done));
    faults.rates(0, 0, 0, 0);

    appended(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A);

    assertThat(late.failure()).isInstanceOf(Unreachable.class);
    assertThat(owner(journal).leaseRemainingMs()).isPositive();
    pass(4 * InMemoryJournal.TIMEOUT_MS);
    assertThat(owner(journal).leaseRemainingMs()).isZero();
  }

  @Test
  void restartForgetsWhatWasOnItsWayAndNothingElse() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    appended(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A);
    JournalEntry onItsWay = entry(PARTITION, 1, 2, 1, 2);
    AtomicInteger failures = new AtomicInteger();
    journal.append(
        onItsWay, NONCE_A, (result, failure) -> failures.addAndGet(result == null ? 1 : 0));

    store.restart(100, 200);

    assertThat(ended(journal, Journal::owner).failure()).hasMessageContaining("refused");
    pass(110);
    assertThat(ended(journal, Journal::owner).failure()).hasMessageContaining("LOADING");
    pass(200);
    assertThat(failures).hasValue(1);
    assertThat(owner(journal).position()).isEqualTo(1);
    assertThat(appended(journal, onItsWay, NONCE_A)).isEqualTo(2);
  }

  @Test
  void fullStoreTakesNoEntryButRenewsTheLease() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    store.full(true);

    Ended<Appended> refused =
        ended(journal, (j, done) -> j.append(entry(PARTITION, 1, 1, 1, 1), NONCE_A, done));

    assertThat(refused.failure())
        .isInstanceOf(Unreachable.class)
        .hasMessageContaining("store full");
    assertThat(renew(journal, 1, NONCE_A)).isInstanceOf(Journal.Renewed.Ok.class);
    store.full(false);
    assertThat(appended(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A)).isEqualTo(1);
  }

  @Test
  void leaseFurtherAwayThanItWasGivenForIsFree() {
    owns(open(), "a", NONCE_A, 0, 1_000);

    store.stepClock(-10_000);

    assertThat(owner(open()).leaseRemainingMs()).isZero();
    assertThat(owns(open(), "b", NONCE_B, 1, 1_000).epoch()).isEqualTo(2);
  }

  @Test
  void nothingGetsThroughACutWay() {
    Faults faults = Faults.none();
    Journal journal = open(faults);
    faults.cut(true);

    assertThat(ended(journal, Journal::owner).failure()).hasMessageContaining("no answer");
    faults.cut(false);
    assertThat(owner(journal).epoch()).isZero();
  }

  @Test
  void closingEndsEveryCallOnce() {
    Journal journal = open();
    AtomicInteger ends = new AtomicInteger();
    journal.owner((result, failure) -> ends.incrementAndGet());
    journal.owner((result, failure) -> ends.incrementAndGet());

    journal.close();
    pass(10 * InMemoryJournal.TIMEOUT_MS);

    assertThat(ends).hasValue(2);
    assertThat(ended(journal, Journal::owner).failure()).hasMessageContaining("closed");
  }

  /** Two owners that never stop trying, on bad ways: the log stays one contiguous log. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void logStaysContiguousAndEpochsNeverDecrease(long seed) {
    Rival a = new Rival("a", open(Faults.seeded(seed).rates(50, 50, 50, 50)), seed * 2 + 1);
    Rival b = new Rival("b", open(Faults.seeded(-seed).rates(50, 50, 50, 50)), seed * 2 + 2);
    a.acquire(0);
    b.acquire(0);
    timers.after(20_000, () -> store.restart(500, 500));
    timers.after(40_000, () -> store.stepClock(-5_000));

    pass(120_000);

    long position = 0;
    long epoch = 0;
    for (JournalEntry entry : store.log()) {
      assertThat(entry.first()).as("seed %d", seed).isEqualTo(position + 1);
      assertThat(entry.epoch()).as("seed %d", seed).isGreaterThanOrEqualTo(epoch);
      position = entry.last();
      epoch = entry.epoch();
    }
    assertThat(a.acknowledged).as("seed %d", seed).isPositive();
    assertThat(b.acknowledged).as("seed %d", seed).isPositive();
    assertThat(a.acknowledged + b.acknowledged).isLessThanOrEqualTo(position);
    assertThat(store.log()).extracting(JournalEntry::batch).containsAll(a.batches);
    assertThat(store.log()).extracting(JournalEntry::batch).containsAll(b.batches);
  }

  /** Acquires, appends until fenced or tired, releases or just stops, and starts over. */
  private final class Rival {
    private final String node;
    private final Journal journal;
    private final long nonce;
    private final List<Long> batches = new ArrayList<>();
    private long batch;
    private long acknowledged;

    private Rival(String node, Journal journal, long nonce) {
      this.node = node;
      this.journal = journal;
      this.nonce = nonce;
      this.batch = nonce << 32;
    }

    private void acquire(long expected) {
      journal.acquire(
          node,
          nonce,
          expected,
          300,
          (acquired, failure) -> {
            if (acquired instanceof Acquired.Ok ok) {
              append(entry(PARTITION, ok.epoch(), ok.position() + 1, 1, ++batch), 20);
            } else if (acquired instanceof Acquired.Lost lost) {
              again(lost.epoch());
            } else {
              again(acquired instanceof Acquired.Held held ? held.epoch() : expected);
            }
          });
    }

    private void again(long expected) {
      timers.after(50, () -> acquire(expected));
    }

    private void append(JournalEntry entry, int left) {
      journal.append(
          entry,
          nonce,
          (appended, failure) -> {
            if (failure != null) {
              timers.after(10, () -> append(entry, left));
            } else if (appended instanceof Appended.Fenced fenced) {
              again(fenced.epoch());
            } else if (appended instanceof Appended.Gap) {
              throw new AssertionError("an owner that knows the end met a gap");
            } else {
              acknowledged++;
              batches.add(entry.batch());
              next(entry, left);
            }
          });
    }

    private void next(JournalEntry entry, int left) {
      if (left == 0) {
        timers.after(1_000, () -> acquire(entry.epoch()));
      } else {
        append(entry(PARTITION, entry.epoch(), entry.last() + 1, 1, ++batch), left - 1);
      }
    }
  }
}
