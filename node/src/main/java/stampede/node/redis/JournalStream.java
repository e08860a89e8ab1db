package stampede.node.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;
import stampede.protocol.port.Completion;

/**
 * Reads the logs of partitions from their Redis streams. Belongs to the link's event loop.
 *
 * <p>One round trip fetches about {@value #ROUND_BYTES} bytes, judged by the sizes seen last: it
 * starts with few entries, asks for at most four times as many the next time, and never for more
 * than {@value #ROUND_ENTRIES_MAX}. Each round trip has the link's time-out.
 */
public final class JournalStream {
  static final int ROUND_BYTES = 4 << 20;
  static final int ROUND_ENTRIES_MAX = 512;
  private static final int ROUND_ENTRIES_FIRST = 4;
  private static final int ENTRY_OVERHEAD_BYTES = 64;

  private final RedisLink link;
  private int roundEntries = ROUND_ENTRIES_FIRST;

  public JournalStream(RedisLink link) {
    this.link = link;
  }

  /**
   * Entries with {@code first > afterPosition}, oldest first: at most {@code entriesMax}, fewer
   * only at the end of the log. Takes as many round trips as it needs; what it holds in memory is
   * up to the caller's {@code entriesMax}.
   *
   * <p>Fails with {@link CorruptRecord} at something that is not an entry, with {@link
   * RedisLink.Unreachable} or {@link RedisLink.ErrorReply} as the link does. Checksums, order and
   * gaps are for the reader to check.
   */
  public void read(
      int partition, long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    readOn(partition, afterPosition, entriesMax, new ArrayList<>(), done);
  }

  /**
   * The same in one round trip: stops at about {@value #ROUND_BYTES} bytes too, though not before
   * the second entry. A page shorter than {@code entriesMax} says nothing about the log's end.
   */
  public void page(
      int partition, long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    round(partition, afterPosition, Math.min(entriesMax, roundEntries), done);
  }

  /** Position of the last event of the log, 0 if there is none. */
  public void end(int partition, Completion<Long> done) {
    link.call(
        Request.cmd(Command.HGET, JournalKeys.own(partition), "position"),
        (reply, failure) -> {
          if (failure != null) {
            done.fail(failure);
          } else if (reply == null) {
            done.succeed(0L);
          } else if (!reply.toString().matches("[0-9]{1,15}")) {
            done.fail(
                new CorruptRecord(
                    JournalKeys.own(partition) + " has position '" + reply + "', not a number"));
          } else {
            done.succeed(reply.toLong());
          }
        });
  }

  private void readOn(
      int partition,
      long after,
      int entriesMax,
      List<JournalEntry> read,
      Completion<List<JournalEntry>> done) {
    int asked = Math.min(entriesMax - read.size(), roundEntries);
    round(
        partition,
        after,
        asked,
        (entries, failure) -> {
          if (entries == null) {
            done.done(null, failure);
            return;
          }
          read.addAll(entries);
          if (entries.size() < asked || read.size() >= entriesMax) {
            done.succeed(read);
          } else {
            readOn(partition, read.get(read.size() - 1).first(), entriesMax, read, done);
          }
        });
  }

  private void round(int partition, long after, int entries, Completion<List<JournalEntry>> done) {
    // From "<after>-1" on and not from after "<after>-0": an id whose second part is not 0 is
    // damage, and must be seen.
    Request request =
        Request.cmd(
            Command.XRANGE, JournalKeys.log(partition), after + "-1", "+", "COUNT", entries);
    link.call(
        request,
        (reply, failure) -> {
          if (failure != null) {
            done.fail(failure);
            return;
          }
          List<JournalEntry> parsed;
          try {
            parsed = parse(partition, reply);
          } catch (CorruptRecord e) {
            done.fail(e);
            return;
          }
          learn(parsed);
          done.succeed(parsed);
        });
  }

  private static List<JournalEntry> parse(int partition, @Nullable Response reply) {
    if (reply == null) {
      return List.of();
    }
    List<JournalEntry> entries = new ArrayList<>(reply.size());
    for (Response entry : reply) {
      entries.add(StreamRecord.parse(partition, entry));
    }
    return entries;
  }

  private void learn(List<JournalEntry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    int largest = 0;
    for (JournalEntry entry : entries) {
      largest = Math.max(largest, entry.payload().length + ENTRY_OVERHEAD_BYTES);
    }
    int fitting = Math.max(2, ROUND_BYTES / largest);
    roundEntries = Math.min(Math.min(fitting, 4 * roundEntries), ROUND_ENTRIES_MAX);
  }
}
