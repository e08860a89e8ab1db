package stampede.persist.drain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;

/**
 * What was read from the journal and is not yet part of a chunk. Entries are checked for order when
 * they come in and decoded when they go out. Single-threaded.
 */
final class Backlog {
  private final int partition;
  private final boolean webhooks;
  private final Deque<JournalEntry> entries = new ArrayDeque<>();
  private final Map<Long, SaleItem> items = new HashMap<>();
  private Cursor end = Cursor.START;
  private int events;
  private long bytes;
  private long oldestAtMs;

  /**
   * The next chunk.
   *
   * @param first position of its first event
   * @param oldestAtMs time of that event
   */
  record Step(Chunk chunk, long first, long oldestAtMs) {}

  /**
   * @param webhooks the shop is told of what is drained
   */
  Backlog(int partition, boolean webhooks) {
    this.partition = partition;
    this.webhooks = webhooks;
  }

  /** Forgets everything read; goes on after {@code cursor}. Items stay as they are. */
  void restart(Cursor cursor) {
    entries.clear();
    events = 0;
    bytes = 0;
    end = cursor;
  }

  /** The items on sale before the next entry. */
  void items(List<SaleItem> loaded) {
    items.clear();
    loaded.forEach(item -> items.put(item.item(), item));
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** More would not fit into the next chunk. */
  boolean isFull() {
    return events >= Chunk.EVENTS_MAX || bytes >= Chunk.BYTES_MAX;
  }

  /** Time of the first event of the last {@link #take}, in vain or not. */
  long oldestAtMs() {
    return oldestAtMs;
  }

  /** Reading the journal from here on gives the last entry that was read first, if there is one. */
  long readAfter() {
    return end.readAfter();
  }

  /**
   * Adds what was read after {@link #readAfter}, as far as it is good.
   *
   * @return the fault of the first entry that is not; null = all are
   */
  @Nullable JournalFault add(List<JournalEntry> page) {
    JournalEntry anchor = page.isEmpty() ? null : page.get(0);
    JournalFault fault = JournalFault.inAnchor(end, anchor);
    if (fault != null) {
      return fault;
    }
    boolean anchored = end.position() > 0 && anchor != null;
    long epoch = anchored ? anchor.epoch() : 0;
    for (JournalEntry entry : page.subList(anchored ? 1 : 0, page.size())) {
      fault = JournalFault.inSequence(partition, end.position(), epoch, entry);
      if (fault != null) {
        return fault;
      }
      entries.add(entry);
      events += entry.count();
      bytes += entry.payload().length;
      end = Cursor.after(entry);
      epoch = entry.epoch();
    }
    return null;
  }

  /**
   * At least one entry, more while they fit. Must not be empty.
   *
   * @throws CorruptRecord if the first entry is damaged, or the chunk makes no sense; nothing was
   *     taken then
   */
  Step take() {
    List<List<SaleEvent>> decoded = decodeNext();
    oldestAtMs = decoded.get(0).get(0).at();
    ChunkFold fold = new ChunkFold(partition, items, webhooks);
    long first = entries.getFirst().first();
    long position = first;
    for (List<SaleEvent> group : decoded) {
      for (SaleEvent event : group) {
        fold.apply(event, position++);
      }
    }
    Chunk chunk = fold.chunk(remove(decoded.size()));
    chunk.published().forEach(p -> items.put(p.item().item(), p.item()));
    return new Step(chunk, first, oldestAtMs);
  }

  /** A damaged entry is left for the next time: what is good before it comes first. */
  private List<List<SaleEvent>> decodeNext() {
    List<List<SaleEvent>> decoded = new ArrayList<>();
    int takenEvents = 0;
    long takenBytes = 0;
    for (JournalEntry entry : entries) {
      takenEvents += entry.count();
      takenBytes += entry.payload().length;
      if (!decoded.isEmpty() && (takenEvents > Chunk.EVENTS_MAX || takenBytes > Chunk.BYTES_MAX)) {
        break;
      }
      try {
        decoded.add(entry.events());
      } catch (CorruptRecord e) {
        if (decoded.isEmpty()) {
          throw e;
        }
        break;
      }
    }
    return decoded;
  }

  /** The cursor after the first {@code count} entries, which are gone then. */
  private Cursor remove(int count) {
    Cursor after = Cursor.START;
    for (int i = 0; i < count; i++) {
      JournalEntry entry = entries.remove();
      events -= entry.count();
      bytes -= entry.payload().length;
      after = Cursor.after(entry);
    }
    return after;
  }
}
