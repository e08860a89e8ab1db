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
import stampede.rig.RunningShop;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;

/**
 * Shoppers who shake one thing after the other, each on a socket and a thread of their own, and do
 * what a client is told to do: the same key again after {@code busy}, {@code result} when nothing
 * comes after {@code pending}. What is not accepted or sold out within {@value #COMMAND_MS} ms has
 * failed.
 */
final class SteadyShoppers implements AutoCloseable {
  static final long COMMAND_MS = 20_000;
  private static final long PAUSE_MS = 25;
  private static final long ASK_AFTER_MS = 2_000;
  private static final long JOIN_MS = COMMAND_MS + 5_000;

  private final Map<String, String> accepted = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger soldOut = new AtomicInteger();
  private final AtomicLong slowestMs = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private final List<WireSocket> sockets = new ArrayList<>();
  private volatile boolean ending;

  private SteadyShoppers() {}

  /** Begins, over the edge on {@code httpPort}. */
  static SteadyShoppers start(int httpPort, String jwtSecret, int users, List<String> items) {
    SteadyShoppers shoppers = new SteadyShoppers();
    for (int i = 0; i < users; i++) {
      String user = "steady-" + i;
      WireSocket socket = open(httpPort, WireTokens.shopper(jwtSecret, user));
      int first = i;
      Thread thread = new Thread(() -> shoppers.shop(socket, items, first), user);
      thread.setDaemon(true);
      shoppers.sockets.add(socket);
      shoppers.threads.add(thread);
    }
    shoppers.threads.forEach(Thread::start);
    return shoppers;
  }

  private static WireSocket open(int port, String token) {
    try {
      return WireSocket.open(port, "/shake", RunningShop.shakeHeaders(token));
    } catch (WireSocket.Refused e) {
      throw new AssertionError(e);
    }
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

  /** From a key's first shake to its answer. */
  long slowestMs() {
    return slowestMs.getAndSet(0);
  }

  List<WireSocket> sockets() {
    return sockets;
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

  private void shop(WireSocket socket, List<String> items, int first) {
    for (int n = 0; !ending; n++) {
      String key = Thread.currentThread().getName() + "-" + n;
      try {
        shake(socket, items.get((first + n) % items.size()), key);
      } catch (AssertionError e) {
        failures.add(key + ": " + e.getMessage());
        return;
      }
      sleep(PAUSE_MS);
    }
  }

  private void shake(WireSocket socket, String item, String key) {
    long beganNanos = System.nanoTime();
    long endNanos = beganNanos + COMMAND_MS * 1_000_000;
    JsonObject shake = JsonObject.of("type", "shake", "key", key, "item", item, "quantity", 1);
    JsonObject ask = JsonObject.of("type", "result", "key", key, "item", item);
    socket.send(shake);
    String last = "nothing";
    while (System.nanoTime() < endNanos) {
      JsonObject frame = socket.poll(each -> isOutcome(each, key), ASK_AFTER_MS);
      if (frame == null) {
        socket.send(ask);
        continue;
      }
      last = frame.getString("outcome");
      if (last.equals("accepted") || last.equals("sold_out")) {
        settled(key, frame, (System.nanoTime() - beganNanos) / 1_000_000);
        return;
      } else if (Set.of("busy", "paused", "throttled", "unknown").contains(last)) {
        sleep(Math.min(500, frame.getLong("retryAfterMs", 100L)));
        socket.send(shake);
      } else if (!last.equals("pending")) {
        break;
      }
    }
    failures.add(key + " of item " + item + ": " + last);
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
    sockets.forEach(WireSocket::close);
  }
}
