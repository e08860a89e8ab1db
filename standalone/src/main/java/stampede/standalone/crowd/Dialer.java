package stampede.standalone.crowd;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Opens sockets, a bounded number at a time, so that a crowd's arrival does not overrun the shop's
 * accept queue. A refused connection is tried again, later each time.
 */
final class Dialer {
  private static final int IN_FLIGHT_MAX = 200;
  private static final int TRIES_MAX = 10;
  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final long BACKOFF_FIRST_MS = 100;
  private static final long BACKOFF_MAX_MS = 2_000;
  private static final int FRAME_BYTES_MAX = 64 * 1024;

  private final Vertx vertx;
  private final CrowdPlan plan;
  private final WebSocketClient client;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int inFlight;
  private boolean closed;

  Dialer(Vertx vertx, CrowdPlan plan) {
    this.vertx = vertx;
    this.plan = plan;
    // A dropped socket may still be closing when its user has the next one.
    int connectionsMax = plan.users() * 2 + IN_FLIGHT_MAX;
    this.client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxConnections(connectionsMax)
                .setConnectTimeout(CONNECT_TIMEOUT_MS)
                .setMaxFrameSize(FRAME_BYTES_MAX)
                .setMaxMessageSize(FRAME_BYTES_MAX)
                .setSsl(plan.ssl()));
  }

  /**
   * Opens a socket.
   *
   * @param prepare sets the handlers before the first frame can arrive
   * @return fails after the last try
   */
  Future<WebSocket> dial(String token, Consumer<ClientWebSocket> prepare) {
    Promise<WebSocket> promise = Promise.promise();
    enqueue(() -> attempt(token, prepare, promise, 1));
    return promise.future();
  }

  /** Dials no more; what waits is dropped. */
  void close() {
    closed = true;
    waiting.clear();
  }

  private void enqueue(Runnable dial) {
    if (closed) {
      return;
    }
    waiting.add(dial);
    next();
  }

  private void next() {
    while (inFlight < IN_FLIGHT_MAX && !waiting.isEmpty()) {
      inFlight++;
      waiting.remove().run();
    }
  }

  private void attempt(
      String token, Consumer<ClientWebSocket> prepare, Promise<WebSocket> promise, int tries) {
    ClientWebSocket socket = client.webSocket();
    prepare.accept(socket);
    socket
        .connect(options(token))
        .onComplete(
            done -> {
              inFlight--;
              next();
            })
        .onSuccess(promise::complete)
        .onFailure(cause -> retry(token, prepare, promise, tries, cause));
  }

  private void retry(
      String token,
      Consumer<ClientWebSocket> prepare,
      Promise<WebSocket> promise,
      int tries,
      Throwable cause) {
    if (closed || tries == TRIES_MAX) {
      promise.fail(cause);
      return;
    }
    long delayMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS << (tries - 1));
    vertx.setTimer(delayMs, timer -> enqueue(() -> attempt(token, prepare, promise, tries + 1)));
  }

  private WebSocketConnectOptions options(String token) {
    return new WebSocketConnectOptions()
        .setHost(plan.url().getHost())
        .setPort(plan.port())
        .setURI("/shake")
        .setTimeout(CONNECT_TIMEOUT_MS)
        .addSubProtocol("shake.v1")
        .addHeader("Authorization", "Bearer " + token);
  }
}
