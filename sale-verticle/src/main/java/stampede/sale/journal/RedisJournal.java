package stampede.sale.journal;

import io.vertx.redis.client.Response;
import java.util.List;
import stampede.node.redis.JournalStream;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisScript;
import stampede.node.redis.StreamRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;
import stampede.protocol.Limits;
import stampede.protocol.port.Completion;

/**
 * The log of one partition in Redis. Owns its link, and belongs to the link's event loop.
 *
 * <p>Besides {@link Journal.Unreachable}, calls fail with {@link JournalDamaged} when the
 * partition's keys contradict each other, and with {@link RedisLink.ErrorReply} when Redis refuses
 * for a reason that does not pass by waiting (no permission, for example). A full store is
 * unreachable: nothing was written.
 */
public final class RedisJournal implements Journal {
  private static final RedisScript ACQUIRE = RedisScript.load(RedisJournal.class, "acquire.lua");
  private static final RedisScript APPEND = RedisScript.load(RedisJournal.class, "append.lua");
  private static final RedisScript RENEW = RedisScript.load(RedisJournal.class, "renew.lua");
  private static final RedisScript RELEASE = RedisScript.load(RedisJournal.class, "release.lua");
  private static final RedisScript CUT = RedisScript.load(RedisJournal.class, "cut.lua");
  private static final RedisScript OWNER = RedisScript.load(RedisJournal.class, "owner.lua");

  private final RedisLink link;
  private final JournalStream stream;
  private final int partition;
  private final String own;
  private final String log;

  public RedisJournal(RedisLink link, int partition) {
    this.link = link;
    this.stream = new JournalStream(link);
    this.partition = partition;
    this.own = JournalKeys.own(partition);
    this.log = JournalKeys.log(partition);
  }

  @Override
  public void acquire(
      String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
    if (nonce == 0 || leaseMs < 1) {
      throw new IllegalArgumentException("nonce " + nonce + ", lease " + leaseMs + " ms");
    }
    link.eval(
        ACQUIRE,
        List.of(own, log),
        List.of(node, nonce, expectedEpoch, expectedEpoch + 1, leaseMs),
        answer(done, this::acquired));
  }

  @Override
  public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
    requireSound(entry);
    link.eval(
        APPEND,
        List.of(own, log),
        List.of(
            entry.epoch(),
            nonce,
            entry.first(),
            entry.count(),
            entry.batch(),
            entry.payload(),
            StreamRecord.crcText(entry)),
        answer(done, this::appended));
  }

  @Override
  public void renew(long epoch, long nonce, Completion<Renewed> done) {
    link.eval(RENEW, List.of(own), List.of(epoch, nonce), answer(done, RedisJournal::renewed));
  }

  @Override
  public void release(long epoch, long nonce, Completion<Boolean> done) {
    link.eval(
        RELEASE,
        List.of(own),
        List.of(epoch, nonce),
        answer(done, reply -> reply.toInteger() == 1));
  }

  @Override
  public void cut(long epoch, long nonce, long position, Completion<Cut> done) {
    link.eval(
        CUT,
        List.of(own, log),
        List.of(epoch, nonce, position),
        answer(done, RedisJournal::cutReply));
  }

  @Override
  public void owner(Completion<Owner> done) {
    link.eval(OWNER, List.of(own), List.of(), answer(done, RedisJournal::ownerOf));
  }

  @Override
  public void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    stream.read(
        partition,
        afterPosition,
        entriesMax,
        (entries, failure) -> done.done(entries, failure == null ? null : translated(failure)));
  }

  @Override
  public void checkSettings(Completion<Settings> done) {
    StoreSettings.check(
        link, (found, failure) -> done.done(found, failure == null ? null : translated(failure)));
  }

  @Override
  public void close() {
    link.close();
  }

  private void requireSound(JournalEntry entry) {
    if (entry.partition() != partition
        || entry.first() < 1
        || entry.count() < 1
        || entry.count() > Limits.ENTRY_EVENTS_MAX
        || entry.payload().length > Limits.ENTRY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "partition %d cannot take an entry of partition %d: first %d, %d events, %d bytes"
              .formatted(
                  partition,
                  entry.partition(),
                  entry.first(),
                  entry.count(),
                  entry.payload().length));
    }
  }

  private Acquired acquired(Response reply) throws JournalDamaged {
    String kind = reply.get(0).toString();
    return switch (kind) {
      case "OK" ->
          new Acquired.Ok(
              number(reply, 1),
              number(reply, 2),
              number(reply, 3),
              number(reply, 4),
              number(reply, 5) == 1);
      case "HELD" -> new Acquired.Held(number(reply, 1), number(reply, 2), reply.get(3).toString());
      case "LOST" -> new Acquired.Lost(number(reply, 1));
      case "DAMAGED" -> throw damaged(reply.get(1).toString());
      default -> throw new AssertionError("acquire.lua answered " + kind);
    };
  }

  private Appended appended(Response reply) {
    String kind = reply.get(0).toString();
    return switch (kind) {
      case "OK" -> new Appended.Ok(number(reply, 1), number(reply, 2));
      case "DUP" -> new Appended.Duplicate(number(reply, 1), number(reply, 2));
      case "FENCED" -> new Appended.Fenced(number(reply, 1));
      case "GAP" -> new Appended.Gap(number(reply, 1));
      default -> throw new AssertionError("append.lua answered " + kind);
    };
  }

  private static Renewed renewed(Response reply) {
    return reply.get(0).toString().equals("OK")
        ? new Renewed.Ok(number(reply, 1))
        : new Renewed.Fenced(number(reply, 1));
  }

  private static Cut cutReply(Response reply) {
    return reply.get(0).toString().equals("OK")
        ? new Cut.Ok(number(reply, 1))
        : new Cut.Fenced(number(reply, 1));
  }

  private static Owner ownerOf(Response reply) {
    return new Owner(
        number(reply, 0),
        number(reply, 1),
        reply.get(2).toString(),
        number(reply, 3),
        number(reply, 4),
        number(reply, 5));
  }

  private static long number(Response reply, int index) {
    return Long.parseLong(reply.get(index).toString());
  }

  /** What a script's reply means; may say that the journal is damaged. */
  private interface Meaning<T> {
    T of(Response reply) throws JournalDamaged;
  }

  private <T> Completion<Response> answer(Completion<T> done, Meaning<T> meaning) {
    return (reply, failure) -> {
      if (failure != null) {
        done.fail(translated(failure));
        return;
      }
      T result;
      try {
        result = meaning.of(reply);
      } catch (JournalDamaged | NumberFormatException e) {
        done.fail(
            e instanceof JournalDamaged ? e : damaged("a number is spoilt, " + e.getMessage()));
        return;
      }
      done.succeed(result);
    };
  }

  private Throwable translated(Throwable failure) {
    if (failure instanceof RedisLink.Unreachable) {
      return new Unreachable(failure.getMessage());
    }
    if (failure instanceof RedisLink.ErrorReply reply && isDamage(reply)) {
      return damaged(reply.getMessage());
    }
    return failure;
  }

  /**
   * A key of another type, a log that goes on behind its recorded end, a field that is no number.
   */
  private static boolean isDamage(RedisLink.ErrorReply reply) {
    String message = reply.getMessage();
    return message.contains("WRONGTYPE")
        || message.contains("equal or smaller than the target stream top item")
        || message.contains("arithmetic on");
  }

  private JournalDamaged damaged(String how) {
    return new JournalDamaged(
        "journal of partition "
            + partition
            + " is damaged (keys "
            + own
            + ", "
            + log
            + "): "
            + how);
  }
}
