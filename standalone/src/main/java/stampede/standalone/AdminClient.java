package stampede.standalone;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Speaks to the admin socket of a management port as an operator. For the command line's own
 * thread: {@link #send} blocks, at most {@value #ANSWER_SECONDS_MAX} s, which is longer than a node
 * takes for any answer, and says so meanwhile on standard error.
 */
final class AdminClient implements AutoCloseable {
  private static final JsonObject OVER = new JsonObject();
  private static final long CONNECT_SECONDS_MAX = 5;
  private static final long ANSWER_SECONDS_MAX = 35;
  private static final long PROGRESS_SECONDS = 5;

  /** Of what is published, when it comes faster than it is printed; then some are missed. */
  private static final int FRAMES_KEPT_MAX = 256;

  /** A quarter of an hour of figures is some hundred kilobytes. */
  private static final int REPLY_BYTES_MAX = 4 << 20;

  private final WebSocketClient client;
  private final WebSocket socket;
  private final long secondMs;
  private final PrintStream progress;
  private final Map<String, Promise<JsonObject>> waiting = new HashMap<>();
  private final BlockingQueue<JsonObject> published = new ArrayBlockingQueue<>(FRAMES_KEPT_MAX);
  private int sent;

  private AdminClient(
      WebSocketClient client, WebSocket socket, long secondMs, PrintStream progress) {
    this.client = client;
    this.socket = socket;
    this.secondMs = secondMs;
    this.progress = progress;
    socket.textMessageHandler(this::received);
    socket.closeHandler(closed -> failAll());
  }

  /**
   * @param management {@code http://host:port} of the management port
   * @throws EnvironmentFault if nobody listens there or the token is refused
   */
  static AdminClient connect(Vertx vertx, URI management, String token) {
    return connect(vertx, management, token, 1_000, System.err);
  }

  /**
   * @param secondMs how long a second of waiting for an answer takes
   */
  static AdminClient connect(
      Vertx vertx, URI management, String token, long secondMs, PrintStream progress) {
    WebSocketClient client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxFrameSize(REPLY_BYTES_MAX)
                .setMaxMessageSize(REPLY_BYTES_MAX));
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost(management.getHost())
            .setPort(management.getPort())
            .setURI("/eventbus/websocket")
            .addHeader("Authorization", "Bearer " + token);
    try {
      return client
          .connect(options)
          .map(socket -> new AdminClient(client, socket, secondMs, progress))
          .toCompletionStage()
          .toCompletableFuture()
          .get(CONNECT_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      String found = String.valueOf(e.getCause().getMessage());
      if (e.getCause() instanceof UpgradeRejectedException refused) {
        found = "status " + refused.getStatus() + ", the operator's token is refused";
      }
      throw new EnvironmentFault(
          management.toString(),
          found,
          "the management port of a running node, and its admin secret");
    } catch (TimeoutException e) {
      throw new EnvironmentFault(
          management.toString(), "no answer", "the management port of a running node");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /**
   * The reply to {@code body}, which may be {@code {"error":{…}}}.
   *
   * @throws EnvironmentFault if there is no such address, or no reply
   */
  JsonObject send(String address, JsonObject body) {
    CompletableFuture<JsonObject> reply =
        sendAsync(address, body).toCompletionStage().toCompletableFuture();
    try {
      for (long waited = PROGRESS_SECONDS;
          waited < ANSWER_SECONDS_MAX;
          waited += PROGRESS_SECONDS) {
        try {
          return reply.get(PROGRESS_SECONDS * secondMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException notYet) {
          progress.println(address + ": no answer for " + waited + " s, still waiting");
        }
      }
      return reply.get(PROGRESS_SECONDS * secondMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new EnvironmentFault(
          address,
          e.getCause().getMessage(),
          "one of the addresses that stampede admin alone lists, on a running node");
    } catch (TimeoutException e) {
      throw new EnvironmentFault(
          address, "no reply within " + ANSWER_SECONDS_MAX + " s", "a node that answers");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Addresses of what is published. */
  List<String> published() {
    JsonArray published = require("admin.schema", new JsonObject()).getJsonArray("published");
    return published.stream().map(each -> ((JsonObject) each).getString("address")).toList();
  }

  /**
   * What is published at {@code address} from now on, one body after the other, as long as {@code
   * wantsMore} says so.
   *
   * @throws EnvironmentFault if the connection ends
   */
  void tap(String address, Predicate<JsonObject> wantsMore) {
    JsonObject frame = JsonObject.of("type", "register", "address", address);
    socket.writeTextMessage(frame.encode());
    try {
      JsonObject body;
      do {
        body = published.take();
        if (body == OVER) {
          throw new EnvironmentFault(address, "the admin socket was closed", "a node that runs");
        }
      } while (wantsMore.test(body));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The same, and an error reply is an exception. */
  JsonObject require(String address, JsonObject body) {
    JsonObject reply = send(address, body);
    if (reply.containsKey("error")) {
      throw new IllegalStateException(
          address + " was refused: " + reply.getJsonObject("error").encode());
    }
    return reply;
  }

  private synchronized Future<JsonObject> sendAsync(String address, JsonObject body) {
    String replyAddress = "reply-" + ++sent;
    Promise<JsonObject> promise = Promise.promise();
    waiting.put(replyAddress, promise);
    JsonObject frame =
        new JsonObject()
            .put("type", "send")
            .put("address", address)
            .put("replyAddress", replyAddress)
            .put("body", body);
    socket.writeTextMessage(frame.encode()).onFailure(promise::tryFail);
    return promise.future();
  }

  private synchronized void received(String text) {
    JsonObject frame = new JsonObject(text);
    Promise<JsonObject> promise = waiting.remove(frame.getString("address", ""));
    if (promise == null && "rec".equals(frame.getString("type"))) {
      published.offer(frame.getJsonObject("body"));
    } else if (promise != null && "rec".equals(frame.getString("type"))) {
      promise.tryComplete(frame.getJsonObject("body"));
    } else if (promise != null) {
      promise.tryFail(frame.getString("message", text));
    }
  }

  private synchronized void failAll() {
    waiting.values().forEach(promise -> promise.tryFail("the admin socket was closed"));
    waiting.clear();
    published.clear();
    published.offer(OVER);
  }

  @Override
  public void close() {
    client.close();
  }
}
