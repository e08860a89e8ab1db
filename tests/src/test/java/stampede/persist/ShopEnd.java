package stampede.persist;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import stampede.rig.StampedeProcess;
import stampede.rig.WireTokens;

/** A shop's receiver on a real port, made from the documentation alone, in every mood. */
final class ShopEnd implements AutoCloseable {
  static final String SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final long HANG_MS = 900;
  private static final long SLOW_MS = 60;

  enum Mood {
    TAKES,
    SLOW,
    /** Takes it and gives no answer in time. */
    HANGS,
    /** Takes it and ends the connection instead of answering. */
    BREAKS,
    FAILS,
    REDIRECTS,
    /** Nobody listens. */
    REFUSES
  }

  /** What it took, repeats included. */
  private final List<Map.Entry<String, JsonObject>> taken = new ArrayList<>();

  private final List<String> faults = new ArrayList<>();
  private final int port = StampedeProcess.freePort();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private volatile Mood mood = Mood.TAKES;
  private int requests;

  ShopEnd() {
    mood(Mood.TAKES);
  }

  String url() {
    return "http://127.0.0.1:" + port + "/hooks";
  }

  synchronized void mood(Mood mood) {
    this.mood = mood;
    if (mood == Mood.REFUSES && server != null) {
      server.stop(0);
      server = null;
    } else if (mood != Mood.REFUSES && server == null) {
      server = listen();
    }
  }

  private HttpServer listen() {
    try {
      HttpServer open =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      open.createContext("/", this::handle);
      open.setExecutor(threads);
      open.start();
      return open;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    Mood now = mood;
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    boolean takes = now != Mood.FAILS && now != Mood.REDIRECTS;
    note(exchange, body, takes);
    if (now == Mood.BREAKS) {
      exchange.close();
      return;
    }
    pause(now == Mood.HANGS ? HANG_MS : now == Mood.SLOW ? SLOW_MS : 0);
    if (now == Mood.REDIRECTS) {
      exchange.getResponseHeaders().set("location", url() + "/elsewhere");
    }
    exchange.sendResponseHeaders(
        now == Mood.FAILS ? 500 : now == Mood.REDIRECTS ? 307 : 204, now == Mood.FAILS ? 0 : -1);
    exchange.close();
  }

  private synchronized void note(HttpExchange exchange, String body, boolean takes) {
    requests++;
    String id = exchange.getRequestHeaders().getFirst("webhook-id");
    String seconds = exchange.getRequestHeaders().getFirst("webhook-timestamp");
    String wanted = WireTokens.webhookSignature(SECRET, id, Long.parseLong(seconds), body);
    if (!wanted.equals(exchange.getRequestHeaders().getFirst("webhook-signature"))) {
      faults.add("signature of " + id);
    }
    if (Math.abs(Long.parseLong(seconds) - WireTokens.nowSeconds()) > 60) {
      faults.add("timestamp of " + id);
    }
    if (!exchange.getRequestURI().getPath().equals("/hooks")) {
      faults.add("path " + exchange.getRequestURI());
    }
    if (takes) {
      taken.add(Map.entry(id, new JsonObject(body)));
    }
  }

  private static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Each message once, in the order in which it came first. */
  synchronized Map<String, JsonObject> messages() {
    Map<String, JsonObject> first = new LinkedHashMap<>();
    for (Map.Entry<String, JsonObject> each : taken) {
      JsonObject before = first.putIfAbsent(each.getKey(), each.getValue());
      if (before != null && !before.equals(each.getValue())) {
        faults.add(each.getKey() + " says something else the second time");
      }
    }
    return first;
  }

  synchronized int requests() {
    return requests;
  }

  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public void close() {
    mood(Mood.REFUSES);
    threads.shutdownNow();
  }
}
