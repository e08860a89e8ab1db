package stampede.rig.chaos;

import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An operator who goes to the next management port when one does not answer. Blocks its caller; for
 * one thread at a time.
 */
final class OperatorLine implements AutoCloseable {
  private static final int CONNECT_MS_MAX = 2_000;
  private static final long ANSWER_MS_MAX = 3_000;

  private final WebSocketClient client;
  private final Supplier<List<String>> ports;
  private final Supplier<String> token;
  private @Nullable WebSocket socket;
  private int next;
  private long sent;

  /** No node answered, or none in time. */
  static final class Away extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Away(String what, Throwable cause) {
      super(what, cause);
    }
  }

  /**
   * @param ports {@code host:port} of the edges' management
   */
  OperatorLine(Vertx vertx, Supplier<List<String>> ports, Supplier<String> token) {
    this.client = vertx.createWebSocketClient();
    this.ports = ports;
    this.token = token;
  }

  /**
   * The reply's body, which may be {@code {"error":{…}}}.
   *
   * @throws Away if this node does not answer; the next call goes to another one
   */
  synchronized JsonObject send(String address, JsonObject body) {
    String reply = "r-" + ++sent;
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    try {
      WebSocket line = socket();
      line.textMessageHandler(
          text -> {
            JsonObject frame = new JsonObject(text);
            if (reply.equals(frame.getString("address"))) {
              answer.complete(frame.getJsonObject("body", new JsonObject()));
            }
          });
      JsonObject frame = JsonObject.of("type", "send", "address", address, "replyAddress", reply);
      line.writeTextMessage(frame.put("body", body).encode())
          .onFailure(answer::completeExceptionally);
      return answer.orTimeout(ANSWER_MS_MAX, TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      drop();
      throw new Away(address + ": " + e.getCause(), e);
    }
  }

  /**
   * Tries until there is an answer that is not a refusal.
   *
   * @throws Away after {@code boundMs}, with what came last
   */
  JsonObject require(String address, JsonObject body, long boundMs) {
    long deadline = System.nanoTime() + boundMs * 1_000_000;
    while (true) {
      String why;
      try {
        JsonObject reply = send(address, body);
        if (!reply.containsKey("error")) {
          return reply;
        }
        why = reply.encode();
        drop();
      } catch (Away e) {
        why = String.valueOf(e.getMessage());
      }
      if (System.nanoTime() > deadline) {
        throw new Away(address + " " + body + ": " + why, new AssertionError(why));
      }
      Pause.ms(200);
    }
  }

  private WebSocket socket() {
    WebSocket open = socket;
    if (open == null || open.isClosed()) {
      List<String> all = ports.get();
      String port = all.get(next++ % all.size());
      int colon = port.lastIndexOf(':');
      open =
          client
              .connect(
                  new WebSocketConnectOptions()
                      .setHost(port.substring(0, colon))
                      .setPort(Integer.parseInt(port.substring(colon + 1)))
                      .setURI("/eventbus/websocket")
                      .setTimeout(CONNECT_MS_MAX)
                      .addHeader("Authorization", "Bearer " + token.get()))
              .toCompletionStage()
              .toCompletableFuture()
              .orTimeout(CONNECT_MS_MAX + 1_000, TimeUnit.MILLISECONDS)
              .join();
      socket = open;
    }
    return open;
  }

  private void drop() {
    WebSocket open = socket;
    socket = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public synchronized void close() {
    drop();
    client.close();
  }
}
