package stampede.persist.webhook;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.persist.webhook.Outbox.Failure;
import stampede.persist.webhook.Receiver.Answer;
import stampede.persist.webhook.WebhookQueue.Entry;
import stampede.protocol.port.Timers;

/**
 * Reads the outbox of the partitions that are this node's, tells the shop, and deletes.
 *
 * <pre>
 *   heard: partition drained up to n ──► read, a page at a time ──► queue ──► tell, some at once ──► delete, many at once
 *                                                                     ▲          │ failed               │ store away
 *                                                                     └─ later ──┤                      └─ again in 1 s
 *                                                                                └─ too often: parked
 * </pre>
 *
 * At most one read and one write are under way. Single-threaded.
 */
final class WebhookSender {
  static final int PAGE_ROWS = 250;
  static final int WRITE_ROWS_MAX = 500;
  static final long TICK_MS = 100;
  static final long STORE_PAUSE_MS = 1_000;
  static final long HASTEN_MS_MAX = 1_000;
  static final long DOWN_MS = 30_000;
  private static final long HOUR_MS = 3_600_000;

  /** Hears of what an operator should know. */
  interface Watcher {
    void parked(WebhookRow row, String error);

    void endpointDown(long forMs, String error);

    void stopped(int partition, int parkedSubjects);
  }

  private final WebhookConfig config;
  private final Outbox outbox;
  private final Receiver receiver;
  private final Timers timers;
  private final LongSupplier epochMs;
  private final DoubleSupplier luck;
  private final Watcher watcher;

  private final WebhookQueue queue = new WebhookQueue();
  private final EndpointGate gate;
  private final WebhookShare share;
  private final Map<Integer, Place> places = new TreeMap<>();
  private final Deque<Entry> told = new ArrayDeque<>();
  private final Map<String, Failure> failures = new LinkedHashMap<>();
  private int underWay;
  private boolean reading;
  private boolean writing;
  private long readAtMs;
  private long writeAtMs;
  private int lastRead;
  private long delivered;
  private long failed;
  private long parked;
  private boolean stopping;
  private @Nullable Runnable stopped;

  /** How far a partition is drained, and read. */
  private static final class Place {
    long drained;
    long afterLine;

    /** Nothing up to this position is left to be read. */
    long readTo = -1;

    /** When an operator was last told that it is full; −1 = it is not. */
    long fullToldMs = -1;

    boolean hasMore() {
      return drained > readTo;
    }
  }

  /**
   * @param node this one
   * @param epochMs the date
   * @param luck 0…1, drawn anew each time
   */
  WebhookSender(
      String node,
      WebhookConfig config,
      Outbox outbox,
      Receiver receiver,
      Timers timers,
      LongSupplier epochMs,
      DoubleSupplier luck,
      Watcher watcher) {
    this.config = config;
    this.outbox = outbox;
    this.receiver = receiver;
    this.timers = timers;
    this.epochMs = epochMs;
    this.luck = luck;
    this.watcher = watcher;
    this.gate = new EndpointGate(config.inFlightMax(), Math.min(DOWN_MS, config.backOffMsMax()));
    this.share = new WebhookShare(node);
  }

  void start() {
    tick();
  }

  /** Begins nothing more; {@code done} when what is under way has ended and is written. */
  void stop(Runnable done) {
    stopping = true;
    stopped = done;
    work();
  }

  /**
   * What a drain says of itself.
   *
   * @param able it drains, or would if there were something
   */
  void heard(int partition, String from, boolean able, long position) {
    share.heard(partition, from, able, timers.millis());
    if (share.isMine(partition, timers.millis()) && !stopping) {
      places.computeIfAbsent(partition, p -> new Place()).drained = position;
      work();
    } else {
      forget(partition);
    }
  }

  /** Something parked is no longer: everything is looked at again. */
  void retry() {
    for (int partition : List.copyOf(places.keySet())) {
      queue.unpark(partition);
      Place place = new Place();
      place.drained = places.get(partition).drained;
      places.put(partition, place); // what is being read for the earlier one is dropped
    }
    work();
  }

  private void tick() {
    if (stopping && stopped == null) {
      return;
    }
    timers.after(TICK_MS, this::tick);
    List.copyOf(places.keySet()).stream()
        .filter(partition -> !share.isMine(partition, timers.millis()))
        .forEach(this::forget);
    places.forEach(this::tellIfFull);
    work();
  }

  /** At once, then as often as of an endpoint that is down. */
  private void tellIfFull(int partition, Place place) {
    if (!queue.isFull(partition)) {
      place.fullToldMs = -1;
    } else if (place.fullToldMs < 0 || timers.millis() - place.fullToldMs >= DOWN_MS) {
      place.fullToldMs = timers.millis();
      watcher.stopped(partition, WebhookQueue.PARKED_MAX);
    }
  }

  private void forget(int partition) {
    if (places.remove(partition) != null) {
      queue.drop(partition);
    }
  }

  private void work() {
    if (!stopping) {
      read();
      send();
    }
    write();
    endWhenIdle();
  }

  private void read() {
    Integer partition = reading || timers.millis() < readAtMs ? null : nextToRead();
    if (partition == null) {
      return;
    }
    Place place = places.get(partition);
    long drained = place.drained;
    reading = true;
    lastRead = partition;
    outbox.read(
        partition,
        place.afterLine,
        PAGE_ROWS,
        (rows, failure) -> {
          reading = false;
          if (rows == null) {
            readAtMs = timers.millis() + STORE_PAUSE_MS;
          } else if (places.get(partition) == place) {
            take(place, drained, rows);
          }
          work();
        });
  }

  private void take(Place place, long drained, List<WebhookRow> rows) {
    for (WebhookRow row : rows) {
      if (!queue.offer(row, timers.millis())) {
        parkBehind(row);
      }
      place.afterLine = row.line();
    }
    if (rows.size() < PAGE_ROWS) {
      place.readTo = drained;
    }
  }

  /** One after the other, so that none waits for a long one. */
  private @Nullable Integer nextToRead() {
    Integer first = null;
    for (Map.Entry<Integer, Place> each : places.entrySet()) {
      if (each.getValue().hasMore() && queue.hasRoom(each.getKey())) {
        if (each.getKey() > lastRead) {
          return each.getKey();
        }
        first = first == null ? each.getKey() : first;
      }
    }
    return first;
  }

  /** What can't be written any more is not told any more: it would be told again and again. */
  private void send() {
    while (underWay < gate.allowed(timers.millis()) && told.size() < WRITE_ROWS_MAX) {
      long dueMs = gate.isOpen() ? timers.millis() : Long.MAX_VALUE; // shut: any of them asks
      Entry entry = queue.next(dueMs).orElse(null);
      if (entry == null) {
        return;
      }
      if (entry.row().body().isEmpty()) {
        park(entry, "what it is about is not in the books");
      } else {
        underWay++;
        receiver.tell(
            entry.row(),
            (answer, failure) -> {
              underWay--;
              answered(entry, answer == null ? Answer.refused(String.valueOf(failure)) : answer);
              work();
            });
      }
    }
  }

  private void answered(Entry entry, Answer answer) {
    long now = timers.millis();
    if (answer.taken()) {
      delivered++;
      failures.remove(entry.row().id());
      told.add(entry);
      queue.told(entry, now);
      if (gate.succeeded()) {
        queue.hasten(now + (long) (HASTEN_MS_MAX * luck.getAsDouble()));
      }
      return;
    }
    refused(entry, answer, now);
  }

  /** While nothing gets through, that is not this message's fault: only time counts against it. */
  private void refused(Entry entry, Answer answer, long now) {
    failed++;
    boolean counts = gate.isOpen();
    long askedMs = Math.min(answer.retryAfterMs(), config.backOffMsMax());
    gate.failed(now, askedMs, luck.getAsDouble());
    if (gate.shutForMs(now) >= DOWN_MS) {
      watcher.endpointDown(gate.shutForMs(now), answer.error());
    }
    entry.failed(counts, entry.firstTryAt() == 0 ? epochMs.getAsLong() : entry.firstTryAt());
    boolean tooOld = epochMs.getAsLong() - entry.firstTryAt() >= config.hoursMax() * HOUR_MS;
    if (entry.attempts() >= config.attemptsMax() || tooOld) {
      park(entry, answer.error());
    } else {
      note(entry, answer.error(), false);
      long pauseMs = BackOff.afterMs(entry.attempts(), config.backOffMsMax(), luck.getAsDouble());
      queue.again(entry, now + Math.max(pauseMs, askedMs));
    }
  }

  private void park(Entry entry, String error) {
    note(entry, error, true);
    parked++;
    watcher.parked(entry.row(), error);
    queue.park(entry).forEach(this::parkBehind);
  }

  private void parkBehind(WebhookRow row) {
    parked++;
    note(row, row.attempts(), row.firstTryAt(), "waits for an earlier one that is parked", true);
  }

  private void note(Entry entry, String error, boolean parks) {
    note(entry.row(), entry.attempts(), entry.firstTryAt(), error, parks);
  }

  private void note(WebhookRow row, int attempts, long firstTryAt, String error, boolean parks) {
    long now = epochMs.getAsLong();
    failures.put(row.id(), new Failure(row, attempts, firstTryAt, now, error, parks));
  }

  private void write() {
    if (writing || told.isEmpty() && failures.isEmpty() || timers.millis() < writeAtMs) {
      return;
    }
    List<Entry> gone = told.stream().limit(WRITE_ROWS_MAX).toList();
    List<Failure> noted = failures.values().stream().limit(WRITE_ROWS_MAX).toList();
    writing = true;
    outbox.write(
        gone.stream().map(Entry::row).toList(),
        noted,
        (done, failure) -> {
          writing = false;
          if (failure != null) {
            writeAtMs = timers.millis() + STORE_PAUSE_MS;
          } else {
            gone.forEach(entry -> told.remove());
            queue.written(gone);
            noted.forEach(each -> failures.remove(each.row().id(), each));
          }
          work();
        });
  }

  private void endWhenIdle() {
    boolean idle = underWay == 0 && !writing && told.isEmpty() && failures.isEmpty();
    if (stopping && idle && stopped != null) {
      Runnable done = stopped;
      stopped = null;
      done.run();
    }
  }

  long delivered() {
    return delivered;
  }

  long failed() {
    return failed;
  }

  long parked() {
    return parked;
  }

  /** Read and not told yet; there may be more in the outbox. */
  int waiting() {
    return queue.size();
  }

  /** Of the oldest event the shop was not told of, 0 = none. */
  long oldestAgeMs() {
    long at = queue.oldestAt();
    return at == 0 ? 0 : Math.max(0, epochMs.getAsLong() - at);
  }
}
