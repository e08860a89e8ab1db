package stampede.bench.scale;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import stampede.bench.BenchShop;
import stampede.bench.RawSockets;
import stampede.standalone.Tokens;

/**
 * Any number of sockets that shake in turn: always the same number of frames is out, and what is
 * answered lets the next socket in line send. So more sockets are not more load.
 */
final class TurnCrowd implements AutoCloseable {
  /** Handshakes under way: more than that a system's queue of newcomers does not hold. */
  private static final int OPENING_MAX = 1_000;

  private static final int ADDRESSES = 8;
  private static final long OPEN_SECONDS_MAX = 120;
  private static final long LAST_ANSWERS_SECONDS_MAX = 20;
  private static final String OUTCOME = "{\"type\":\"outcome\"";
  private static final String ECHO = "{\"type\":\"shake\"";

  /**
   * @param answers in all
   * @param others answers that are not as wanted
   */
  record Round(long answers, long others) {
    /** Answers, if all of them are as wanted. */
    long checked() {
      if (others > 0 || answers == 0) {
        throw new IllegalStateException(others + " of " + answers + " answers were not as wanted");
      }
      return answers;
    }
  }

  /** One that was refused, and when it comes back. */
  private record Return(int id, long atNanos) {}

  private final String name;
  private final Tokens maker = new Tokens(BenchShop.SECRET);
  private final List<String> tokens = new ArrayList<>();
  private final RawSockets sockets;

  // The rest is of the sockets' thread.
  private final Ears ears = new Ears();
  private final List<@Nullable Seat> seats = new ArrayList<>();
  private final ArrayDeque<Integer> wanted = new ArrayDeque<>();
  private final PriorityQueue<Return> again =
      new PriorityQueue<>(Comparator.comparingLong(Return::atNanos));
  private CompletableFuture<Void> seated = new CompletableFuture<>();
  private int port;
  private int opening;
  private int turn;
  private @Nullable Play play;

  private static final class Seat {
    private final RawSockets.Socket socket;
    private boolean out;

    Seat(RawSockets.Socket socket) {
      this.socket = socket;
    }
  }

  /**
   * @param name of its users' ids
   */
  TurnCrowd(String name) {
    this.name = name;
    this.sockets = new RawSockets("crowd-" + name, this::tick);
  }

  /**
   * Opens or closes so many that there are {@code size}; back when they are in.
   *
   * @param to the port of the server, always the same
   */
  void come(int to, int size) {
    while (tokens.size() < size) {
      tokens.add(maker.shopper(name + tokens.size(), Instant.now().plusSeconds(7_200)));
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    sockets.execute(
        () -> {
          seated = done;
          port = to;
          while (seats.size() > size) {
            Objects.requireNonNull(seats.remove(seats.size() - 1)).socket.drop();
          }
          while (seats.size() < size) {
            wanted.addLast(seats.size());
            seats.add(null);
          }
        });
    done.orTimeout(OPEN_SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  /**
   * Shakes for {@code items}, one after the other; back when the last answer is there.
   *
   * @param wanted part of every good answer
   * @param outstanding frames out at any time, fewer than there are sockets
   */
  Round play(List<String> items, String wanted, int outstanding, int ms) {
    Play next = new Play(items, wanted, outstanding, System.nanoTime() + ms * 1_000_000L);
    sockets.execute(() -> begin(next));
    return next.done.orTimeout(ms / 1_000 + LAST_ANSWERS_SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  private void tick() {
    long now = System.nanoTime();
    while (!again.isEmpty() && again.peek().atNanos <= now) {
      wanted.addLast(again.remove().id);
    }
    while (opening < OPENING_MAX && !wanted.isEmpty()) {
      int id = wanted.removeFirst();
      String from = "127.0.0." + (2 + id % ADDRESSES);
      sockets.open(id, from, port, tokens.get(id), ears);
      opening++;
    }
    if (opening == 0 && wanted.isEmpty() && again.isEmpty()) {
      seated.complete(null);
    }
    if (play != null && now >= play.endNanos) {
      play.over = true;
      play.endIfAnswered();
    }
  }

  private Seat seat(int id) {
    return Objects.requireNonNull(seats.get(id));
  }

  private void begin(Play next) {
    if (next.outstanding >= seats.size()) {
      next.done.completeExceptionally(
          new IllegalStateException(next.outstanding + " out at " + seats.size() + " sockets"));
      return;
    }
    play = next;
    for (int i = 0; i < next.outstanding; i++) {
      next.send();
    }
  }

  /** Closes without a word. */
  @Override
  public void close() {
    sockets.close();
  }

  private final class Ears implements RawSockets.Listener {
    @Override
    public void opened(RawSockets.Socket socket) {
      opening--;
      seats.set(socket.id, new Seat(socket));
    }

    @Override
    public void text(RawSockets.Socket socket, String text) {
      Play now = play;
      if (now != null && (text.startsWith(OUTCOME) || text.startsWith(ECHO))) {
        now.answered(seat(socket.id), text);
      }
    }

    @Override
    public void ended(RawSockets.Socket socket, String why, long retryAfterMs) {
      if (retryAfterMs > 0) {
        opening--;
        again.add(new Return(socket.id, System.nanoTime() + retryAfterMs * 1_000_000));
        return;
      }
      IllegalStateException fault = new IllegalStateException("a socket ended: " + why);
      seated.completeExceptionally(fault);
      if (play != null) {
        play.done.completeExceptionally(fault);
      }
    }
  }

  /** One round. */
  private final class Play {
    private final String head = "{\"type\":\"shake\",\"key\":\"" + run() + "-";
    private final List<String> items;
    private final String wanted;
    private final int outstanding;
    private final long endNanos;
    private final CompletableFuture<Round> done = new CompletableFuture<>();
    private long sent;
    private long answers;
    private long others;
    private boolean over;

    Play(List<String> items, String wanted, int outstanding, long endNanos) {
      this.items = items;
      this.wanted = wanted;
      this.outstanding = outstanding;
      this.endNanos = endNanos;
    }

    private static String run() {
      return Long.toString(System.nanoTime() & 0xFFFFFFFFFFL, 36);
    }

    void send() {
      Seat next = seat(turn++ % seats.size());
      while (next.out) {
        next = seat(turn++ % seats.size());
      }
      String item = items.get((int) (sent % items.size()));
      String frame = head + sent++ + "\",\"item\":\"" + item + "\",\"quantity\":1}";
      next.out = true;
      if (!next.socket.send(RawSockets.text(frame))) {
        done.completeExceptionally(new IllegalStateException("a socket takes no frame"));
      }
    }

    void answered(Seat by, String text) {
      by.out = false;
      answers++;
      if (!text.contains(wanted)) {
        others++;
      }
      if (over) {
        endIfAnswered();
      } else {
        send();
      }
    }

    void endIfAnswered() {
      if (answers == sent) {
        play = null;
        done.complete(new Round(answers, others));
      }
    }
  }
}
