package stampede.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.node.redis.StreamRecord;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;
import stampede.sale.journal.Journal;
import stampede.sale.journal.RedisJournal;

/**
 * A journal that lost its end or had a byte changed is recovered up to what is whole, or refused;
 * it is never read as something that was not written.
 */
@Timeout(300)
class JournalDamageIT {
  private static final int PARTITION = 3;
  private static final int SPARE = 4;
  private static final int ENTRIES = 30;
  private static final int EVENTS = 12;
  private static final int CUTS = 4_096;
  private static final long NONCE = 7;

  /** Whole server starts on a cut file; the others load it into a server that runs. */
  private static final int STARTS = Integer.getInteger("stampede.cutStarts", 12);

  private static RedisServer server;
  private static Loop loop;
  private static RedisLink link;
  private static RedisJournal journal;
  private static final List<JournalEntry> written = new ArrayList<>();
  private static byte[] file = {};

  @BeforeAll
  static void write() throws IOException {
    server = RedisServer.start();
    loop = new Loop();
    link = loop.on(() -> newLink());
    journal = loop.on(() -> new RedisJournal(newLink(), PARTITION));
    loop.<Journal.Acquired>result(done -> journal.acquire("n", NONCE, 0, 60_000, done));
    for (int i = 0; i < ENTRIES; i++) {
      JournalEntry entry = Entries.entry(PARTITION, 1, 1 + (long) i * EVENTS, EVENTS, i + 1L);
      Journal.Appended appended = loop.result(done -> journal.append(entry, NONCE, done));
      assertThat(appended).isInstanceOf(Journal.Appended.Ok.class);
      written.add(entry);
    }
    assumeTrue(Files.exists(log()), "a redis-server that keeps its log in one file");
    file = Files.readAllBytes(log());
    assertThat(file.length).isGreaterThan(2 * CUTS);
  }

  private static RedisLink newLink() {
    RedisUrl url = RedisUrl.parse("test", server.url());
    return new RedisLink(loop.vertx, url, 10_000, RedisLink.CALLS_MAX_DEFAULT);
  }

  @AfterAll
  static void stop() throws IOException {
    loop.close();
    server.close();
  }

  @Test
  void cutAtEachOfItsLastBytesItIsRecoveredUpToAWholeEntry() throws IOException {
    Set<Integer> recovered = new TreeSet<>();
    int last = ENTRIES;
    for (int cut = 0; cut <= CUTS; cut++) {
      Files.write(log(), Arrays.copyOf(file, file.length - cut));
      assertThat(server.command("DEBUG", "LOADAOF")).isEqualTo("OK");

      int entries = expectPrefix("cut by " + cut + " bytes");

      assertThat(entries).as("cut by %d bytes", cut).isBetween(last - 1, last);
      last = entries;
      recovered.add(entries);
    }
    assertThat(recovered).hasSizeGreaterThan(3).contains(ENTRIES);
  }

  @Test
  void aServerStartedOnACutFileServesTheSamePrefix() throws IOException {
    for (int start = 0; start < STARTS; start++) {
      int cut = 1 + start * (CUTS - 1) / Math.max(1, STARTS - 1);
      server.kill();
      Files.write(log(), Arrays.copyOf(file, file.length - cut));

      server.startAgain();
      awaitConnected();

      expectPrefix("started on a file cut by " + cut + " bytes");
    }
  }

  /**
   * The end of the connection to the server that was killed may be noticed after the next start.
   */
  private static void awaitConnected() {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                loop.<Journal.Owner>start(journal::owner)
                    .handle((owner, failure) -> failure == null)
                    .get());
  }

  /** How many entries are there; all of them as they were written, and the end where it says. */
  private static int expectPrefix(String what) {
    List<JournalEntry> found = loop.result(done -> journal.read(0, ENTRIES + 1, done));
    Journal.Owner owner = loop.result(journal::owner);
    assertThat(found.size()).as(what).isLessThanOrEqualTo(ENTRIES);
    for (int i = 0; i < found.size(); i++) {
      expectSame(what, found.get(i), written.get(i));
    }
    long end = found.isEmpty() ? 0 : found.get(found.size() - 1).last();
    assertThat(owner.position()).as(what).isEqualTo(end);
    return found.size();
  }

  private static void expectSame(String what, JournalEntry found, JournalEntry wanted) {
    assertThat(found.events()).as(what).isEqualTo(wanted.events());
    assertThat(List.of(found.epoch(), found.first(), found.count(), found.batch()))
        .as(what)
        .isEqualTo(List.of(wanted.epoch(), wanted.first(), wanted.count(), wanted.batch()));
  }

  @Test
  void aRecordWithAnyBitChangedIsRefused() {
    JournalEntry good = written.get(ENTRIES / 2);
    List<JournalEntry> spoilt = new ArrayList<>();
    for (int bit = 0; bit < good.payload().length * 8; bit++) {
      byte[] payload = good.payload().clone();
      payload[bit / 8] ^= (byte) (1 << bit % 8);
      spoilt.add(with(good, good.epoch(), good.first(), good.count(), good.batch(), payload));
    }
    for (int bit = 0; bit < 64; bit++) {
      long flip = 1L << bit;
      byte[] payload = good.payload();
      spoilt.add(with(good, good.epoch() ^ flip, good.first(), good.count(), 1, payload));
      spoilt.add(
          with(good, good.epoch(), good.first() ^ flip, good.count(), good.batch(), payload));
      spoilt.add(
          with(good, good.epoch(), good.first(), good.count(), good.batch() ^ flip, payload));
    }
    for (int bit = 0; bit < 32; bit++) {
      int count = good.count() ^ 1 << bit;
      spoilt.add(with(good, good.epoch(), good.first(), count, good.batch(), good.payload()));
      spoilt.add(
          new JournalEntry(
              PARTITION,
              good.epoch(),
              good.first(),
              good.count(),
              good.batch(),
              good.payload(),
              good.crc() ^ 1 << bit));
    }
    assertThat(good.events()).hasSize(EVENTS);
    for (JournalEntry entry : spoilt) {
      assertThatThrownBy(entry::events).isInstanceOf(CorruptRecord.class);
    }
  }

  private static JournalEntry with(
      JournalEntry good, long epoch, long first, int count, long batch, byte[] payload) {
    return new JournalEntry(PARTITION, epoch, first, count, batch, payload, good.crc());
  }

  @Test
  void aRecordInRedisWithAnyByteChangedIsRefusedOrStillTheSame() {
    JournalEntry good =
        Entries.entry(SPARE, 1, 1, EVENTS, 1); // alone in a log of its own: any id will do
    List<byte[]> parts = parts(good);
    RedisJournal spare = loop.on(() -> new RedisJournal(newLink(), SPARE));
    assertThat(refused(spare, good, parts)).isFalse();
    int refusals = 0;
    int flips = 0;
    for (int part = 0; part < parts.size(); part++) {
      for (int i : IntStream.range(0, parts.get(part).length).toArray()) {
        for (int flip : new int[] {0x01, 0x10, 0x80, 0xFF}) {
          List<byte[]> changed = new ArrayList<>(parts);
          byte[] bytes = parts.get(part).clone();
          bytes[i] ^= (byte) flip;
          changed.set(part, bytes);
          flips++;
          refusals += refused(spare, good, changed) ? 1 : 0;
        }
      }
    }
    assertThat(refusals).as("of %d", flips).isEqualTo(flips);
  }

  /** Id, then names and values as the append script writes them. */
  private static List<byte[]> parts(JournalEntry entry) {
    return List.of(
        ascii(entry.first() + "-0"),
        ascii("e"),
        ascii(Long.toString(entry.epoch())),
        ascii("n"),
        ascii(Integer.toString(entry.count())),
        ascii("b"),
        ascii(Long.toString(entry.batch())),
        ascii("p"),
        entry.payload(),
        ascii("c"),
        ascii(StreamRecord.crcText(entry)));
  }

  /** Whether Redis, the reader or the checksum refuses it; anything else must be the same entry. */
  private static boolean refused(RedisJournal spare, JournalEntry good, List<byte[]> parts) {
    String key = JournalKeys.log(SPARE);
    call(Request.cmd(Command.DEL, key));
    Request add = Request.cmd(Command.XADD).arg(key);
    parts.forEach(part -> add.arg(Buffer.buffer(part)));
    if (!call(add)) {
      return true;
    }
    try {
      List<JournalEntry> found = loop.result(done -> spare.read(0, 2, done));
      assertThat(found).hasSize(1);
      expectSame("unnoticed", found.get(0), good);
      return false;
    } catch (CorruptRecord e) {
      return true;
    } catch (AssertionError e) {
      if (e.getCause() instanceof CorruptRecord) {
        return true;
      }
      throw e;
    }
  }

  /** False if Redis refuses the command. */
  private static boolean call(Request request) {
    return loop.result(
        done ->
            link.call(
                request,
                (reply, failure) -> {
                  if (failure instanceof RedisLink.ErrorReply) {
                    done.succeed(false);
                  } else if (failure != null) {
                    done.fail(failure);
                  } else {
                    done.succeed(true);
                  }
                }));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Path log() {
    return server.appendOnlyFile();
  }
}
