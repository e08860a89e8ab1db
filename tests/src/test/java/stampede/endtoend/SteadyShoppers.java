package stampede.endtoend;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stampede.rig.RunningShop;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;

/**
 * Shoppers who shake one thing after the other, each on a socket and a thread of their own, and do
 * what a client is told to do: the same key again after {@code busy}, {@code result} when nothing
 * comes after {@code pending}, and after a close with 1012 the next edge, not before the time in
 * its reason. What is not accepted or sold out within {@value #COMMAND_MS} ms has failed, and so
 * has a shopper whose socket is closed in another way.
 */
final class SteadyShoppers implements AutoCloseable {
  static final long COMMAND_MS = 20_000;
  private static final long PAUSE_MS = 25;
  private static final long ASK_AFTER_MS = 2_000;
  private static final long CLOSE_MS = 2_000;
  private static final long JOIN_MS = COMMAND_MS + 5_000;
  private static final Pattern RESTART = Pattern.compile("1012 retryAfterMs=([0-9]+)");

  private final Map<String, String> accepted = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> closes = new ConcurrentLinkedQueue<>();
  private final AtomicInteger soldOut = new AtomicInteger();
  private final AtomicLong slowestMs = new AtomicLong();
  private final List<Integer> ports;
  private final List<Shopper> all = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ending;

  private SteadyShoppers(List<Integer> ports) {
    this.ports = ports;
  }

  /**
   * Begins.
   *
   * @param ports of the edges' public sides; all begin at the first
   */
  static SteadyShoppers start(
      List<Integer> ports, String jwtSecret, int users, List<String> items) {
    SteadyShoppers shoppers = new SteadyShoppers(ports);
    for (int i = 0; i < users; i++) {
      String user = "steady-" + i;
      int first = i;
      Shopper shopper = shoppers.new Shopper(WireTokens.shopper(jwtSecret, user));
      Thread thread = new Thread(() -> shopper.shop(items, first), user);
      thread.setDaemon(true);
      shoppers.all.add(shopper);
      shoppers.threads.add(thread);
    }
    shoppers.threads.forEach(Thread::start);
    return shoppers;
  }

  /** Order by key. */
  Map<String, String> accepted() {
    return accepted;
  }

  int answered() {
    return accepted.size() + soldOut.get();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Code and reason of each socket that an edge closed. */
  List<String> closes() {
    return List.copyOf(closes);
  }

  /** From a key's first shake to its answer, since this was asked last. */
  long slowestMs() {
    return slowestMs.getAndSet(0);
  }

  /** Every key begun gets its answer; the sockets stay open. */
  void finish() {
    ending = true;
    for (Thread thread : threads) {
      try {
        thread.join(JOIN_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
      if (thread.isAlive()) {
        failures.add(thread.getName() + " still waits");
      }
    }
  }

  /** For its own thread, but for {@link #close}. */
  private final class Shopper {
    private final String token;
    private int edge;
    private volatile WireSocket socket;

    private Shopper(String token) {
      this.token = token;
      this.socket = open();
    }

    private WireSocket open() {
      try {
        int port = ports.get(edge % ports.size());
        return WireSocket.open(port, "/shake", RunningShop.shakeHeaders(token));
      } catch (WireSocket.Refused e) {
        throw new AssertionError(e);
      }
    }

    private void shop(List<String> items, int first) {
      for (int n = 0; !ending; n++) {
        String key = Thread.currentThread().getName() + "-" + n;
        try {
          shake(items.get((first + n) % items.size()), key);
        } catch (AssertionError e) {
          failures.add(key + ": " + e.getMessage());
          return;
        }
        sleep(PAUSE_MS);
      }
    }

    private void shake(String item, String key) {
      long beganNanos = System.nanoTime();
      long endNanos = beganNanos + COMMAND_MS * 1_000_000;
      JsonObject shake = JsonObject.of("type", "shake", "key", key, "item", item, "quantity", 1);
      JsonObject ask = JsonObject.of("type", "result", "key", key, "item", item);
      send(shake);
      String last = "nothing";
      while (System.nanoTime() < endNanos) {
        JsonObject frame = socket.poll(each -> isOutcome(each, key), ASK_AFTER_MS);
        if (frame == null) {
          comeBackIfClosed();
          send(ask);
          continue;
        }
        last = frame.getString("outcome");
        if (last.equals("accepted") || last.equals("sold_out")) {
          settled(key, frame, (System.nanoTime() - beganNanos) / 1_000_000);
          return;
        } else if (Set.of("busy", "paused", "throttled", "unknown").contains(last)) {
          sleep(Math.min(500, frame.getLong("retryAfterMs", 100L)));
          send(shake);
        } else if (!last.equals("pending")) {
          break;
        }
      }
      failures.add(key + " of item " + item + ": " + last);
    }

    /** What does not go out any more was sent into a close, which the next look will find. */
    private void send(JsonObject frame) {
      try {
        socket.send(frame);
      } catch (AssertionError lost) {
        socket.awaitClose(CLOSE_MS);
      }
    }

    private void comeBackIfClosed() {
      if (socket.closeCode() == 0) {
        return;
      }
      String close = socket.closeCode() + " " + socket.closeReason();
      closes.add(close);
      Matcher restart = RESTART.matcher(close);
      if (!restart.matches()) {
        throw new AssertionError("closed with " + close);
      }
      sleep(Long.parseLong(restart.group(1)));
      edge++;
      socket = open();
    }
  }

  private void settled(String key, JsonObject frame, long tookMs) {
    slowestMs.accumulateAndGet(tookMs, Math::max);
    if (frame.getString("outcome").equals("accepted")) {
      accepted.put(key, frame.getString("order"));
    } else {
      soldOut.incrementAndGet();
    }
  }

  private static boolean isOutcome(JsonObject frame, String key) {
    return "outcome".equals(frame.getString("type")) && key.equals(frame.getString("key"));
  }

  private static void sleep(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    ending = true;
    all.forEach(shopper -> shopper.socket.close());
  }
}
