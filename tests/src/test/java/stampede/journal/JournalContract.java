package stampede.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.journal.Entries.entry;
import static stampede.journal.Entries.everyByte;
import static stampede.journal.Entries.raw;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;
import stampede.sale.journal.Journal.Acquired;
import stampede.sale.journal.Journal.Appended;
import stampede.sale.journal.Journal.Cut;
import stampede.sale.journal.Journal.Owner;
import stampede.sale.journal.Journal.Renewed;

/** What every journal promises. Each test starts with an empty partition. */
abstract class JournalContract {
  static final int PARTITION = 3;
  static final long LONG_LEASE_MS = 60_000;
  static final long SHORT_LEASE_MS = 400;

  /** Needs every digit: a number kept as a double would become another one. */
  static final long NONCE_A = Long.MAX_VALUE - 6;

  static final long NONCE_B = Long.MAX_VALUE - 7;

  /** Another owner's journal of the same partition, with its own connection. */
  abstract Journal open();

  /** Makes the call where the journal lives; its result. */
  abstract <T> T result(Journal journal, BiConsumer<Journal, Completion<T>> call);

  /** Lets this time pass on the store's clock. */
  abstract void pass(long ms);

  @Test
  void partitionNobodyOwnedHasEpochAndPositionZero() {
    Owner owner = owner(open());

    assertThat(owner.epoch()).isZero();
    assertThat(owner.position()).isZero();
    assertThat(owner.leaseRemainingMs()).isLessThanOrEqualTo(0);
    assertThat(owner.time()).isPositive();
  }

  @Test
  void firstOwnerHasEpochOneAndAnEmptyLog() {
    Acquired.Ok ok = owns(open(), "a", NONCE_A, 0, LONG_LEASE_MS);

    assertThat(ok.epoch()).isEqualTo(1);
    assertThat(ok.position()).isZero();
    assertThat(ok.lastBatch()).isZero();
    assertThat(ok.released()).isFalse();
  }

  @Test
  void ownerIsToldToWhoeverAsks() {
    owns(open(), "node-ü", NONCE_A, 0, LONG_LEASE_MS);

    Owner owner = owner(open());

    assertThat(owner.epoch()).isEqualTo(1);
    assertThat(owner.nonce()).isEqualTo(NONCE_A);
    assertThat(owner.node()).isEqualTo("node-ü");
    assertThat(owner.leaseRemainingMs()).isBetween(1L, LONG_LEASE_MS);
  }

  @Test
  void acquireSentAgainIsTheSameAcquire() {
    Journal journal = open();
    Acquired.Ok once = owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(journal, entry(PARTITION, 1, 1, 2, 7), NONCE_A);

    Acquired.Ok again = owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);

    assertThat(again.epoch()).isEqualTo(once.epoch());
    assertThat(again.position()).isEqualTo(2);
    assertThat(again.lastBatch()).isEqualTo(7);
  }

  @Test
  void anotherNodeWaitsForTheLease() {
    Journal other = open();
    owner(other); // connected before the lease begins
    owns(open(), "a", NONCE_A, 0, SHORT_LEASE_MS);

    Acquired refused = acquire(other, "b", NONCE_B, 1, LONG_LEASE_MS);

    assertThat(refused)
        .isInstanceOfSatisfying(
            Acquired.Held.class,
            held -> {
              assertThat(held.remainingMs()).isBetween(1L, SHORT_LEASE_MS);
              assertThat(held.epoch()).isEqualTo(1);
              assertThat(held.node()).isEqualTo("a");
            });
    pass(SHORT_LEASE_MS + 50);
    assertThat(owns(other, "b", NONCE_B, 1, LONG_LEASE_MS).epoch()).isEqualTo(2);
  }

  @Test
  void restartedNodeNeedNotWaitForItsOwnLease() {
    owns(open(), "a", NONCE_A, 0, LONG_LEASE_MS);

    Acquired.Ok ok = owns(open(), "a", NONCE_B, 1, LONG_LEASE_MS);

    assertThat(ok.epoch()).isEqualTo(2);
    assertThat(ok.released()).isFalse();
  }

  @Test
  void outdatedEpochLosesTheRace() {
    owns(open(), "a", NONCE_A, 0, LONG_LEASE_MS);

    assertThat(acquire(open(), "b", NONCE_B, 0, LONG_LEASE_MS)).isEqualTo(new Acquired.Lost(1));
    assertThat(acquire(open(), "b", NONCE_B, 5, LONG_LEASE_MS)).isEqualTo(new Acquired.Lost(1));
  }

  @Test
  void entriesFollowOneAnother() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);

    assertThat(appended(journal, entry(PARTITION, 1, 1, 3, 10), NONCE_A)).isEqualTo(3);
    assertThat(appended(journal, entry(PARTITION, 1, 4, 1, 11), NONCE_A)).isEqualTo(4);
    assertThat(owner(open()).position()).isEqualTo(4);
  }

  @Test
  void entrySentAgainIsNotAddedTwice() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    JournalEntry entry = entry(PARTITION, 1, 1, 3, NONCE_B);
    append(journal, entry, NONCE_A);

    Appended again = append(journal, entry, NONCE_A);

    assertThat(again)
        .isInstanceOfSatisfying(
            Appended.Duplicate.class, d -> assertThat(d.position()).isEqualTo(3));
    assertThat(read(journal, 0, 10)).hasSize(1);
  }

  @Test
  void batchNumberOfAnotherEpochIsNotADuplicate() {
    Journal first = open();
    owns(first, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(first, entry(PARTITION, 1, 1, 1, 1), NONCE_A);
    release(first, 1, NONCE_A);
    Journal second = open();
    owns(second, "b", NONCE_B, 1, LONG_LEASE_MS);

    assertThat(appended(second, entry(PARTITION, 2, 2, 1, 1), NONCE_B)).isEqualTo(2);
  }

  @Test
  void formerOwnerIsFenced() {
    Journal former = open();
    owns(former, "a", NONCE_A, 0, SHORT_LEASE_MS);
    pass(SHORT_LEASE_MS + 50);
    owns(open(), "b", NONCE_B, 1, LONG_LEASE_MS);

    assertThat(append(former, entry(PARTITION, 1, 1, 1, 1), NONCE_A))
        .isEqualTo(new Appended.Fenced(2));
    assertThat(renew(former, 1, NONCE_A)).isEqualTo(new Renewed.Fenced(2));
    assertThat(release(former, 1, NONCE_A)).isFalse();
    assertThat(read(former, 0, 10)).isEmpty();
  }

  @Test
  void rightEpochWithAnotherNonceIsFenced() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);

    assertThat(append(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_B))
        .isEqualTo(new Appended.Fenced(1));
    assertThat(renew(journal, 1, NONCE_B)).isEqualTo(new Renewed.Fenced(1));
    assertThat(release(journal, 1, NONCE_B)).isFalse();
  }

  @Test
  void partitionNobodyOwnedTakesNothing() {
    Journal journal = open();

    assertThat(append(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A))
        .isEqualTo(new Appended.Fenced(0));
    assertThat(renew(journal, 1, NONCE_A)).isEqualTo(new Renewed.Fenced(0));
    assertThat(release(journal, 1, NONCE_A)).isFalse();
  }

  @Test
  void entryThatDoesNotFollowIsRefused() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(journal, entry(PARTITION, 1, 1, 3, 1), NONCE_A);

    assertThat(append(journal, entry(PARTITION, 1, 5, 1, 2), NONCE_A))
        .isEqualTo(new Appended.Gap(3));
    assertThat(append(journal, entry(PARTITION, 1, 3, 1, 3), NONCE_A))
        .isEqualTo(new Appended.Gap(3));
    assertThat(read(journal, 0, 10)).hasSize(1);
  }

  @Test
  void ownerWhoseLeaseEndedMayGoOnWhileNobodyElseCame() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, SHORT_LEASE_MS);
    pass(SHORT_LEASE_MS + 50);
    assertThat(owner(journal).leaseRemainingMs()).isLessThanOrEqualTo(0);

    assertThat(appended(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A)).isEqualTo(1);

    assertThat(owner(journal).leaseRemainingMs()).isPositive();
  }

  @Test
  void renewalKeepsOthersOut() {
    Journal journal = open();
    Journal other = open();
    owner(other); // connected before the lease begins
    Acquired.Ok ok = owns(journal, "a", NONCE_A, 0, SHORT_LEASE_MS);
    pass(SHORT_LEASE_MS + 50);

    Renewed renewed = renew(journal, 1, NONCE_A);

    assertThat(renewed)
        .isInstanceOfSatisfying(
            Renewed.Ok.class, r -> assertThat(r.time()).isGreaterThan(ok.time()));
    assertThat(acquire(other, "b", NONCE_B, 1, LONG_LEASE_MS)).isInstanceOf(Acquired.Held.class);
  }

  @Test
  void releaseLetsTheNextOneInAtOnce() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(journal, entry(PARTITION, 1, 1, 2, 9), NONCE_A);

    assertThat(release(journal, 1, NONCE_A)).isTrue();

    Acquired.Ok next = owns(open(), "b", NONCE_B, 1, LONG_LEASE_MS);
    assertThat(next.released()).isTrue();
    assertThat(next.position()).isEqualTo(2);
    assertThat(next.lastBatch()).isEqualTo(9);
  }

  @Test
  void ownerThatAppendedAndVanishedDidNotRelease() {
    Journal first = open();
    owns(first, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(first, entry(PARTITION, 1, 1, 1, 1), NONCE_A);
    release(first, 1, NONCE_A);
    Journal second = open();
    owns(second, "b", NONCE_B, 1, SHORT_LEASE_MS);
    append(second, entry(PARTITION, 2, 2, 1, 2), NONCE_B);
    pass(SHORT_LEASE_MS + 50);

    assertThat(owns(open(), "c", 77, 2, LONG_LEASE_MS).released()).isFalse();
  }

  @Test
  void pagesComeInOrderAndComplete() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    List<JournalEntry> written = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      JournalEntry entry = entry(PARTITION, 1, 1 + 2L * i, 2, 100 + i);
      append(journal, entry, NONCE_A);
      written.add(entry);
    }

    List<JournalEntry> found = new ArrayList<>();
    List<JournalEntry> page;
    do {
      page = read(open(), found.isEmpty() ? 0 : found.get(found.size() - 1).last(), 10);
      found.addAll(page);
    } while (page.size() == 10);

    assertThat(found).hasSize(25);
    for (int i = 0; i < 25; i++) {
      assertSame(found.get(i), written.get(i));
      assertThat(found.get(i).events()).isEqualTo(written.get(i).events());
    }
    assertThat(read(journal, 50, 10)).isEmpty();
  }

  @Test
  void positionInsideAnEntryReadsFromTheNext() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(journal, entry(PARTITION, 1, 1, 5, 1), NONCE_A);
    append(journal, entry(PARTITION, 1, 6, 5, 2), NONCE_A);

    assertThat(read(journal, 3, 10)).singleElement().extracting(JournalEntry::first).isEqualTo(6L);
    assertThat(read(journal, 0, 1)).singleElement().extracting(JournalEntry::first).isEqualTo(1L);
  }

  @Test
  void everyByteComesBackAsItWasWritten() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    JournalEntry entry = raw(PARTITION, 1, 1, 1, Long.MIN_VALUE, everyByte(1 << 16), -1);

    append(journal, entry, NONCE_A);

    assertSame(read(journal, 0, 10).get(0), entry);
  }

  @Test
  void largestEntriesFit() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    JournalEntry many = entry(PARTITION, 1, 1, Limits.ENTRY_EVENTS_MAX, 1);
    JournalEntry big = raw(PARTITION, 1, 1_001, 1, 2, everyByte(Limits.ENTRY_BYTES_MAX), 5);

    assertThat(appended(journal, many, NONCE_A)).isEqualTo(1_000);
    assertThat(appended(journal, big, NONCE_A)).isEqualTo(1_001);

    List<JournalEntry> found = read(journal, 0, 10);
    assertThat(found.get(0).events()).isEqualTo(many.events());
    assertSame(found.get(1), big);
  }

  @Test
  void highPositionsStayExact() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    long huge = 17_592_186_000_000L; // close below 2^44
    append(journal, raw(PARTITION, 1, 1, 1_000, 1, new byte[] {1}, 1), NONCE_A);

    assertThat(append(journal, raw(PARTITION, 1, huge, 1, 2, new byte[] {1}, 1), NONCE_A))
        .isEqualTo(new Appended.Gap(1_000));
  }

  @Test
  void whatIsCutIsNoLongerReadAndTheEntryThatHoldsThePositionIs() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(journal, entry(PARTITION, 1, 1, 3, 1), NONCE_A);
    append(journal, entry(PARTITION, 1, 4, 5, 2), NONCE_A);
    append(journal, entry(PARTITION, 1, 9, 1, 3), NONCE_A);

    assertThat(cut(journal, 1, NONCE_A, 3)).isEqualTo(new Cut.Ok(1));
    assertThat(cut(journal, 1, NONCE_A, 6)).isEqualTo(new Cut.Ok(4));

    assertThat(read(open(), 0, 10)).extracting(JournalEntry::first).containsExactly(4L, 9L);
    assertThat(appended(journal, entry(PARTITION, 1, 10, 1, 4), NONCE_A)).isEqualTo(10);
    assertThat(owns(open(), "a", NONCE_B, 1, LONG_LEASE_MS).position()).isEqualTo(10);
  }

  @Test
  void cutAgainOrFurtherBackChangesNothing() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    for (int i = 1; i <= 5; i++) {
      append(journal, entry(PARTITION, 1, i, 1, i), NONCE_A);
    }

    assertThat(cut(journal, 1, NONCE_A, 4)).isEqualTo(new Cut.Ok(4));
    assertThat(cut(journal, 1, NONCE_A, 4)).isEqualTo(new Cut.Ok(4));
    assertThat(cut(journal, 1, NONCE_A, 2)).isEqualTo(new Cut.Ok(4));

    assertThat(read(journal, 0, 10)).extracting(JournalEntry::first).containsExactly(4L, 5L);
  }

  @Test
  void lastEntryIsNeverCut() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(journal, entry(PARTITION, 1, 1, 3, 1), NONCE_A);
    append(journal, entry(PARTITION, 1, 4, 2, 2), NONCE_A);

    assertThat(cut(journal, 1, NONCE_A, 1_000)).isEqualTo(new Cut.Ok(4));

    assertThat(read(journal, 0, 10)).singleElement().extracting(JournalEntry::last).isEqualTo(5L);
  }

  @Test
  void onlyTheOwnerCuts() {
    Journal former = open();
    owns(former, "a", NONCE_A, 0, LONG_LEASE_MS);
    append(former, entry(PARTITION, 1, 1, 1, 1), NONCE_A);
    append(former, entry(PARTITION, 1, 2, 1, 2), NONCE_A);
    owns(open(), "a", NONCE_B, 1, LONG_LEASE_MS);

    assertThat(cut(former, 1, NONCE_A, 2)).isEqualTo(new Cut.Fenced(2));
    assertThat(cut(former, 2, NONCE_A, 2)).isEqualTo(new Cut.Fenced(2));

    assertThat(read(former, 0, 10)).hasSize(2);
  }

  @Test
  void timesNeverGoBack() {
    Journal journal = open();
    List<Long> times = new ArrayList<>();
    times.add(owner(journal).time());
    times.add(owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS).time());
    for (int i = 1; i <= 5; i++) {
      JournalEntry entry = entry(PARTITION, 1, i, 1, i);
      times.add(((Appended.Ok) append(journal, entry, NONCE_A)).time());
      times.add(((Appended.Duplicate) append(journal, entry, NONCE_A)).time());
      times.add(((Renewed.Ok) renew(journal, 1, NONCE_A)).time());
      pass(2);
    }
    times.add(owner(open()).time());

    assertThat(times).isSorted();
    assertThat(times.get(times.size() - 1)).isGreaterThan(times.get(0));
  }

  @Test
  void settingsOfAGoodStoreHaveNoProblems() {
    Journal.Settings settings = result(open(), Journal::checkSettings);

    assertThat(settings.problems()).isEmpty();
    assertThat(settings.unchecked()).isFalse();
  }

  static void assertSame(JournalEntry found, JournalEntry written) {
    assertThat(found.payload()).isEqualTo(written.payload());
    assertThat(withPayload(found, written.payload())).isEqualTo(written);
  }

  /** Records compare arrays by identity. */
  private static JournalEntry withPayload(JournalEntry entry, byte[] payload) {
    return raw(
        entry.partition(),
        entry.epoch(),
        entry.first(),
        entry.count(),
        entry.batch(),
        payload,
        entry.crc());
  }

  final Acquired acquire(Journal journal, String node, long nonce, long expected, long leaseMs) {
    return result(journal, (j, done) -> j.acquire(node, nonce, expected, leaseMs, done));
  }

  final Acquired.Ok owns(Journal journal, String node, long nonce, long expected, long leaseMs) {
    Acquired acquired = acquire(journal, node, nonce, expected, leaseMs);
    assertThat(acquired).isInstanceOf(Acquired.Ok.class);
    return (Acquired.Ok) acquired;
  }

  final Appended append(Journal journal, JournalEntry entry, long nonce) {
    return result(journal, (j, done) -> j.append(entry, nonce, done));
  }

  /** The position that was reached. */
  final long appended(Journal journal, JournalEntry entry, long nonce) {
    Appended appended = append(journal, entry, nonce);
    assertThat(appended).isInstanceOf(Appended.Ok.class);
    return ((Appended.Ok) appended).position();
  }

  final Renewed renew(Journal journal, long epoch, long nonce) {
    return result(journal, (j, done) -> j.renew(epoch, nonce, done));
  }

  final boolean release(Journal journal, long epoch, long nonce) {
    return this.<Boolean>result(journal, (j, done) -> j.release(epoch, nonce, done));
  }

  final Cut cut(Journal journal, long epoch, long nonce, long position) {
    return result(journal, (j, done) -> j.cut(epoch, nonce, position, done));
  }

  final Owner owner(Journal journal) {
    return result(journal, Journal::owner);
  }

  final List<JournalEntry> read(Journal journal, long after, int max) {
    return result(journal, (j, done) -> j.read(after, max, done));
  }
}
