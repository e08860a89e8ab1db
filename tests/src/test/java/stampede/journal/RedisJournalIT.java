package stampede.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.journal.Entries.entry;
import static stampede.journal.Entries.everyByte;
import static stampede.journal.Entries.raw;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stampede.node.redis.JournalStream;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;
import stampede.protocol.Limits;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;
import stampede.sale.journal.Journal.Appended;
import stampede.sale.journal.Journal.Renewed;
import stampede.sale.journal.Journal.Settings;
import stampede.sale.journal.Journal.Unreachable;
import stampede.sale.journal.JournalDamaged;
import stampede.sale.journal.JournalMeta;
import stampede.sale.journal.RedisJournal;

class RedisJournalIT extends JournalContract {
  private static final String OWN = JournalKeys.own(PARTITION);
  private static final String LOG = JournalKeys.log(PARTITION);

  /** So that a slow disk of the test machine does not look like a fault. */
  private static final long PATIENT_MS = 10_000;

  private static RedisServer server;
  private static Loop loop;
  private final List<Journal> opened = new ArrayList<>();

  @BeforeAll
  static void startServer() throws IOException {
    server = RedisServer.start();
    loop = new Loop();
  }

  @AfterAll
  static void stopServer() throws IOException {
    loop.close();
    server.close();
  }

  @BeforeEach
  void empty() throws IOException {
    server.command("FLUSHALL");
    server.command("SCRIPT", "FLUSH");
  }

  @AfterEach
  void closeJournals() {
    opened.forEach(
        journal ->
            loop.on(
                () -> {
                  journal.close();
                  return true;
                }));
  }

  @Override
  Journal open() {
    return open(server.url());
  }

  private Journal open(String url) {
    return open(url, PATIENT_MS);
  }

  private Journal open(String url, long timeoutMs) {
    Journal journal = loop.on(() -> new RedisJournal(link(url, timeoutMs), PARTITION));
    opened.add(journal);
    return journal;
  }

  private static RedisLink link(String url, long timeoutMs) {
    return new RedisLink(
        loop.vertx, RedisUrl.parse("url", url), timeoutMs, RedisLink.CALLS_MAX_DEFAULT);
  }

  @Override
  <T> T result(Journal journal, BiConsumer<Journal, Completion<T>> call) {
    return loop.result(done -> call.accept(journal, done));
  }

  private <T> Throwable failure(Journal journal, BiConsumer<Journal, Completion<T>> call) {
    return loop.failure((Completion<T> done) -> call.accept(journal, done));
  }

  private Throwable appendFailure(Journal journal, JournalEntry entry) {
    return this.<Appended>failure(journal, (j, done) -> j.append(entry, NONCE_A, done));
  }

  @Override
  void pass(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void entryWhoseReplyWasLostIsThereWhenSentAgain() throws IOException {
    try (ReplyProxy proxy = new ReplyProxy(server.port())) {
      Journal journal = open(proxy.url(), RedisLink.TIMEOUT_MS_DEFAULT);
      owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
      JournalEntry entry = entry(PARTITION, 1, 1, 3, 1);
      append(journal, entry(PARTITION, 1, 9, 1, 9), NONCE_A); // Redis has learnt the script
      proxy.replies = ReplyProxy.Replies.DROPPED;

      long start = System.nanoTime();
      Throwable lost = appendFailure(journal, entry);
      long tookMs = (System.nanoTime() - start) / 1_000_000;
      proxy.replies = ReplyProxy.Replies.FORWARDED;

      assertThat(lost).isInstanceOf(Unreachable.class).hasMessageContaining("within 1000 ms");
      assertThat(tookMs).isBetween(950L, 1_500L);
      assertThat(append(journal, entry, NONCE_A)).isInstanceOf(Appended.Duplicate.class);
      assertThat(appended(journal, entry(PARTITION, 1, 4, 1, 2), NONCE_A)).isEqualTo(4);
      assertThat(proxy.connections()).isEqualTo(2);
    }
  }

  @Test
  void connectionClosedInsteadOfAReplyEndsTheCallAtOnce() throws IOException {
    try (ReplyProxy proxy = new ReplyProxy(server.port())) {
      Journal journal = open(proxy.url(), RedisLink.TIMEOUT_MS_DEFAULT);
      owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
      JournalEntry entry = entry(PARTITION, 1, 1, 3, 1);
      append(journal, entry(PARTITION, 1, 9, 1, 9), NONCE_A);
      proxy.replies = ReplyProxy.Replies.CLOSING;

      long start = System.nanoTime();
      Throwable lost = appendFailure(journal, entry);
      long tookMs = (System.nanoTime() - start) / 1_000_000;
      proxy.replies = ReplyProxy.Replies.FORWARDED;

      assertThat(lost).isInstanceOf(Unreachable.class);
      assertThat(tookMs).isLessThan(900);
      assertThat(append(journal, entry, NONCE_A)).isInstanceOf(Appended.Duplicate.class);
    }
  }

  @Test
  void acknowledgedEntrySurvivesKill() throws IOException {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    JournalEntry entry = entry(PARTITION, 1, 1, 100, 1);
    appended(journal, entry, NONCE_A);

    server.kill();
    Throwable away = appendFailure(journal, entry(PARTITION, 1, 101, 1, 2));
    Throwable refused = appendFailure(journal, entry(PARTITION, 1, 101, 1, 2));
    server.startAgain();

    assertThat(away).isInstanceOf(Unreachable.class);
    assertThat(refused).isInstanceOf(Unreachable.class);
    assertSame(read(open(), 0, 10).get(0), entry);
    assertThat(append(open(), entry, NONCE_A)).isInstanceOf(Appended.Duplicate.class);
    pass(1_000); // the longest pause between attempts
    assertThat(appended(journal, entry(PARTITION, 1, 101, 1, 2), NONCE_A)).isEqualTo(101);
  }

  @Test
  void loadingStoreIsUnreachable() throws IOException {
    try (ReplyProxy proxy = new ReplyProxy(server.port())) {
      Journal journal = open(proxy.url(), RedisLink.TIMEOUT_MS_DEFAULT);
      owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
      proxy.replies = ReplyProxy.Replies.LOADING;

      assertThat(failure(journal, Journal::owner))
          .isInstanceOf(Unreachable.class)
          .hasMessageContaining("LOADING");
      assertThat(failure(journal, Journal::checkSettings)).isInstanceOf(Unreachable.class);
    }
  }

  @Test
  void fullStoreTakesNothingYetKeepsTheLease() throws IOException {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, SHORT_LEASE_MS);
    appended(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A);
    server.command("CONFIG", "SET", "maxmemory", "1");
    try {
      Throwable full = appendFailure(journal, entry(PARTITION, 1, 2, 1, 2));

      assertThat(full).isInstanceOf(Unreachable.class).hasMessageContaining("store full");
      assertThat(renew(journal, 1, NONCE_A)).isInstanceOf(Renewed.Ok.class);
      assertThat(append(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A))
          .isInstanceOf(Appended.Duplicate.class);
      assertThat(owner(journal).position()).isEqualTo(1);
      assertThat(read(journal, 0, 10)).hasSize(1);
    } finally {
      server.command("CONFIG", "SET", "maxmemory", "0");
    }
    assertThat(appended(journal, entry(PARTITION, 1, 2, 1, 2), NONCE_A)).isEqualTo(2);
  }

  @Test
  void wrongSettingsAreReportedByNameValueFoundAndValueWanted() throws IOException {
    server.command("CONFIG", "SET", "appendfsync", "everysec");
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    try {
      Settings settings = result(open(), Journal::checkSettings);

      assertThat(settings.problems())
          .containsExactly(
              "appendfsync: found everysec, wanted always",
              "maxmemory-policy: found allkeys-lru, wanted noeviction");
      assertThat(settings.unchecked()).isFalse();
    } finally {
      server.command("CONFIG", "SET", "appendfsync", "always");
      server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    }
  }

  @Test
  void storeThatDoesNotLetItselfBeAskedIsUnchecked() throws IOException {
    server.command("ACL", "SETUSER", "limited", "on", ">p%w", "~*", "+@all", "-config");
    Journal journal = open("redis://limited:p%25w@127.0.0.1:" + server.port() + "/1");

    Settings settings = result(journal, Journal::checkSettings);

    assertThat(settings.unchecked()).isTrue();
    assertThat(settings.problems()).isEmpty();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    assertThat(owner(open()).epoch()).as("database 0 is another one").isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1-0, e 1 n x b 1 p abc c 1, field n is 'x'",
    "1-0, e 1 n 1 b 1 p abc, field c is missing",
    "1-0, e 1 n 1 b 1 c 1, field p is missing",
    "1-0, e -1 n 1 b 1 p abc c 1, field e is '-1'",
    "1-0, e 1 n 1 b 1 p abc c 4294967296, field c is '4294967296'",
    "1-0, e 1 n 1 b 99999999999999999999 p abc c 1, field b is '99999999999999999999'",
    "1-0, e 1 n 1 b 1 p abc c 1 z 1, field z is unknown",
    "1-0, e 1 e 1 n 1 b 1 p abc c 1, field e is there twice",
    "1-5, e 1 n 1 b 1 p abc c 1, field id is not <position>-0"
  })
  void damagedRecordIsNamed(String id, String fields, String problem) throws IOException {
    String[] add = ("XADD " + LOG + " " + id + " " + fields).split(" ");
    server.command(add);

    Throwable failure = this.<List<JournalEntry>>failure(open(), (j, done) -> j.read(0, 10, done));

    assertThat(failure)
        .isInstanceOf(CorruptRecord.class)
        .hasMessageContainingAll("partition " + PARTITION, "entry " + id, problem);
  }

  @Test
  void lostRecordWithALogIsNotSilentlyMadeAnew() throws IOException {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    appended(journal, entry(PARTITION, 1, 1, 1, 1), NONCE_A);
    server.command("DEL", OWN);

    assertDamaged(0, "there is no record");
    assertThat(server.command("EXISTS", OWN)).isEqualTo("0");
    assertThat(append(journal, entry(PARTITION, 1, 2, 1, 2), NONCE_A))
        .isEqualTo(new Appended.Fenced(0));
  }

  @Test
  void lostLogIsNotSilentlyMadeAnew() throws IOException {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    appended(journal, entry(PARTITION, 1, 1, 4, 1), NONCE_A);
    release(journal, 1, NONCE_A);
    server.command("DEL", LOG);

    assertDamaged(1, "the log is empty, the record says position 4");
  }

  @Test
  void shorterLogIsNotSilentlyContinued() throws IOException {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    appended(journal, entry(PARTITION, 1, 1, 4, 1), NONCE_A);
    appended(journal, entry(PARTITION, 1, 5, 1, 2), NONCE_A);
    release(journal, 1, NONCE_A);
    server.command("XDEL", LOG, "5-0");

    assertDamaged(1, "the log ends with entry 1-0 of 4 events, batch 1");
  }

  @Test
  void keyOfAnotherTypeIsDamage() throws IOException {
    server.command("SET", OWN, "something else");

    assertDamaged(0, "WRONGTYPE");
  }

  @Test
  void logThatGoesFurtherThanItsRecordTakesNothing() throws IOException {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    server.command("XADD", LOG, "7-0", "e", "1", "n", "1", "b", "1", "p", "x", "c", "1");

    Throwable failure = appendFailure(journal, entry(PARTITION, 1, 1, 1, 1));

    assertThat(failure).isInstanceOf(JournalDamaged.class).hasMessageContainingAll(OWN, LOG);
    assertThat(server.command("XLEN", LOG)).isEqualTo("1");
    assertThat(owner(journal).position()).isZero();
  }

  private void assertDamaged(long expectedEpoch, String how) {
    Throwable failure =
        this.<Journal.Acquired>failure(
            open(), (j, done) -> j.acquire("b", NONCE_B, expectedEpoch, LONG_LEASE_MS, done));
    assertThat(failure)
        .isInstanceOf(JournalDamaged.class)
        .hasMessageContainingAll("partition " + PARTITION, OWN, LOG, how);
  }

  @Test
  void readFetchesABoundedPieceAtATime() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    for (int i = 1; i <= 14; i++) {
      JournalEntry big = raw(PARTITION, 1, i, 1, i, everyByte(Limits.ENTRY_BYTES_MAX), i);
      append(journal, big, NONCE_A);
    }
    JournalStream stream = loop.on(() -> new JournalStream(link(server.url(), PATIENT_MS)));

    List<JournalEntry> page = loop.result(done -> stream.page(PARTITION, 0, 100, done));
    Long end = loop.result(done -> stream.end(PARTITION, done));

    assertThat(page).hasSizeBetween(1, 4);
    assertThat(end).isEqualTo(14);
    assertThat(read(journal, 0, 100)).extracting(JournalEntry::first).hasSize(14).isSorted();
    assertThat(read(journal, 0, 9)).hasSize(9);
  }

  @Test
  void replayOfManySmallEntriesIsComplete() {
    Journal journal = open();
    owns(journal, "a", NONCE_A, 0, LONG_LEASE_MS);
    for (int i = 1; i <= 1_500; i++) {
      append(journal, entry(PARTITION, 1, i, 1, i), NONCE_A);
    }

    List<JournalEntry> all = read(open(), 0, 2_000);

    assertThat(all).hasSize(1_500);
    assertThat(all.get(1_499).events()).isEqualTo(entry(PARTITION, 1, 1_500, 1, 1_500).events());
    assertThat(all).extracting(JournalEntry::first).isSorted();
  }

  @Test
  void nodesThatDifferAreToldWhatDiffers() {
    RedisLink link = loop.on(() -> link(server.url(), PATIENT_MS));
    JournalMeta meta = JournalMeta.of("shop-1", 16);

    JournalMeta first = loop.result(done -> meta.agree(link, done));
    JournalMeta second = loop.result(done -> meta.agree(link, done));
    Throwable partitions =
        loop.failure(
            (Completion<JournalMeta> done) -> JournalMeta.of("shop-1", 8).agree(link, done));
    Throwable cluster =
        loop.failure(
            (Completion<JournalMeta> done) -> JournalMeta.of("shop-2", 16).agree(link, done));

    assertThat(first).isEqualTo(second);
    assertThat(partitions)
        .isInstanceOf(JournalMeta.Mismatch.class)
        .hasMessageContaining("partitions in Redis key st:meta: found 16, wanted 8");
    assertThat(cluster).hasMessageContaining("cluster in Redis key st:meta: found shop-1, wanted");
  }

  @Test
  void journalOfAnotherFormatIsRefusedByNameAndLeftAsItIs() throws IOException {
    RedisLink link = loop.on(() -> link(server.url(), PATIENT_MS));
    JournalMeta meta = JournalMeta.of("shop-1", 16);
    loop.result((Completion<JournalMeta> done) -> meta.agree(link, done));
    server.command("HSET", JournalKeys.META, "format", "99");

    Throwable later = loop.failure((Completion<JournalMeta> done) -> meta.agree(link, done));

    assertThat(later)
        .isInstanceOf(JournalMeta.Mismatch.class)
        .hasMessageContaining(
            "format in Redis key st:meta: found 99, wanted " + JournalKeys.FORMAT);
    assertThat(server.command("HGET", JournalKeys.META, "format")).isEqualTo("99");
  }
}
