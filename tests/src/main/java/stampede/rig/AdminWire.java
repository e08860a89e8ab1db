package stampede.rig;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.UUID;

/** An operator's socket: frames of the event-bus bridge, one command at a time. For one thread. */
public final class AdminWire implements AutoCloseable {
  private static final long CATALOGUE_MS_MAX = 30_000;
  private static final long AGAIN_MS = 200;

  private final WireSocket socket;
  private int sent;

  private AdminWire(WireSocket socket) {
    this.socket = socket;
  }

  public static AdminWire open(int managementPort, String token) {
    try {
      Map<String, String> headers = Map.of("authorization", "Bearer " + token);
      return new AdminWire(WireSocket.open(managementPort, "/eventbus/websocket", headers));
    } catch (WireSocket.Refused e) {
      throw new AssertionError(e);
    }
  }

  /** The reply's body, which may be {@code {"error":{…}}}. */
  public JsonObject send(String address, JsonObject body) {
    String reply = "reply-" + ++sent;
    socket.send(
        JsonObject.of("type", "send", "address", address, "replyAddress", reply, "body", body));
    return socket.await(frame -> reply.equals(frame.getString("address"))).getJsonObject("body");
  }

  /**
   * The same, and a refusal fails the test. With a key, so that it can be sent again while a cold
   * catalogue does not answer in time.
   */
  public JsonObject require(String address, JsonObject body) {
    JsonObject keyed = body.copy();
    if (address.endsWith(".create") && body.getString("key") == null) {
      keyed.put("key", "rig-" + UUID.randomUUID());
    }
    JsonObject reply = send(address, keyed);
    long deadline = System.nanoTime() + CATALOGUE_MS_MAX * 1_000_000;
    while (isUnavailable(reply) && System.nanoTime() < deadline) {
      pause();
      reply = send(address, keyed);
    }
    if (reply.containsKey("error")) {
      throw new AssertionError(address + " " + body + " was refused: " + reply);
    }
    return reply;
  }

  private static void pause() {
    try {
      Thread.sleep(AGAIN_MS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isUnavailable(JsonObject reply) {
    JsonObject error = reply.getJsonObject("error");
    return error != null && "catalogue_unavailable".equals(error.getString("code"));
  }

  /** Subscribes to what is published there. */
  public void register(String address) {
    socket.send(JsonObject.of("type", "register", "address", address));
  }

  /** The next message published there. */
  public JsonObject awaitPublished(String address) {
    return socket.await(frame -> address.equals(frame.getString("address"))).getJsonObject("body");
  }

  @Override
  public void close() {
    socket.close();
  }
}
