package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operator's socket: the JSON frames of the Vert.x event-bus bridge over typed commands, so its
 * clients work and nothing else of the bus can be reached.
 *
 * <p>Bounded: each frame holds a place until its answer is written, and when all places are taken
 * nothing more is read; an operator who does not read gets the latest figures only.
 */
final class AdminSocket {
  private static final Logger LOG = LoggerFactory.getLogger(AdminSocket.class);
  static final int FRAME_BYTES_MAX = 65_536;
  private static final int FRAMES_IN_FLIGHT_MAX = 64;
  private static final int BAD_FRAMES_MAX = 100;
  private static final int REPLY_ADDRESS_CHARS_MAX = 256;
  private static final short POLICY = 1008;
  private static final short TOO_LARGE = 1009;

  private final ServerWebSocket socket;
  private final Operator operator;
  private final AdminGateway gateway;
  private int framesInFlight;
  private int badFrames;
  private final Set<Tap> taps = EnumSet.noneOf(Tap.class);

  AdminSocket(ServerWebSocket socket, Operator operator, AdminGateway gateway) {
    this.socket = socket;
    this.operator = operator;
    this.gateway = gateway;
  }

  void start() {
    socket.textMessageHandler(this::read);
    socket.binaryMessageHandler(bytes -> read(""));
  }

  void expire() {
    close(POLICY, "token expired");
  }

  void tooLarge() {
    close(TOO_LARGE, "a frame has at most " + FRAME_BYTES_MAX + " bytes");
  }

  /**
   * {@code frame}: ready to be sent. One who does not read is left out, so what waits here never
   * grows; the next one comes soon enough.
   */
  void publish(Tap tap, String frame) {
    if (taps.contains(tap) && !socket.isClosed() && !socket.writeQueueFull()) {
      socket.writeTextMessage(frame).onFailure(this::notWritten);
    }
  }

  /** An answer counts as reading: a silent socket meets the transport's idle limit. */
  void ping() {
    if (!socket.isClosed()) {
      socket.writePing(Buffer.buffer("ping")).onFailure(this::notWritten);
    }
  }

  private void notWritten(Throwable failure) {
    LOG.debug("to {}: {}", operator.name(), failure.getMessage());
  }

  private void read(String text) {
    if (text.length() > FRAME_BYTES_MAX
        || text.getBytes(StandardCharsets.UTF_8).length > FRAME_BYTES_MAX) {
      tooLarge();
      return;
    }
    framesInFlight++;
    if (framesInFlight == FRAMES_IN_FLIGHT_MAX) {
      socket.pause();
    }
    answer(text).compose(this::write).onComplete(written -> done());
  }

  private void done() {
    if (framesInFlight == FRAMES_IN_FLIGHT_MAX) {
      socket.resume();
    }
    framesInFlight--;
  }

  private Future<Void> write(@Nullable JsonObject frame) {
    boolean nothing = frame == null || socket.isClosed();
    return nothing ? Future.succeededFuture() : socket.writeTextMessage(frame.encode());
  }

  /** Null = this frame has no answer. */
  private Future<@Nullable JsonObject> answer(String text) {
    JsonObject frame;
    try {
      frame = new JsonObject(text);
    } catch (DecodeException e) {
      return bad("invalid_json");
    }
    if (!(frame.getValue("type") instanceof String type)) {
      return bad("missing_type");
    }
    return switch (type) {
      case "ping" -> Future.succeededFuture(new JsonObject().put("type", "pong"));
      case "send" -> send(frame);
      case "register", "unregister" -> register(frame, type.equals("register"));
      case "publish" -> bad("access_denied");
      default -> bad("unknown_type");
    };
  }

  private Future<@Nullable JsonObject> register(JsonObject frame, boolean wanted) {
    if (!(frame.getValue("address") instanceof String address)) {
      return bad("missing_address");
    }
    Tap tap = Tap.ofAddress(address);
    if (tap == null) {
      return bad("access_denied");
    }
    if (wanted) {
      taps.add(tap);
    } else {
      taps.remove(tap);
    }
    return Future.succeededFuture();
  }

  private Future<@Nullable JsonObject> send(JsonObject frame) {
    if (!(frame.getValue("address") instanceof String address)) {
      return bad("missing_address");
    }
    Object replyAddress = frame.getValue("replyAddress");
    boolean unusable =
        replyAddress != null
            && !(replyAddress instanceof String text && text.length() <= REPLY_ADDRESS_CHARS_MAX);
    if (unusable) {
      return bad("invalid_reply_address");
    }
    if (!gateway.knows(address)) {
      return bad("access_denied", (String) replyAddress);
    }
    return carryOut(address, frame.getValue("body"))
        .map(body -> reply(body, (String) replyAddress));
  }

  private Future<JsonObject> carryOut(String address, @Nullable Object body) {
    if (body == null || body instanceof JsonObject) {
      return gateway.call(operator, address, (JsonObject) body);
    }
    return Future.succeededFuture(AdminGateway.error("invalid", "body must be a JSON object"));
  }

  private static @Nullable JsonObject reply(JsonObject body, @Nullable String replyAddress) {
    if (replyAddress != null) {
      return new JsonObject().put("type", "rec").put("address", replyAddress).put("body", body);
    }
    JsonObject error = body.getJsonObject("error");
    return error == null ? null : err(error.getString("code"), null);
  }

  private Future<@Nullable JsonObject> bad(String code) {
    return bad(code, null);
  }

  private Future<@Nullable JsonObject> bad(String code, @Nullable String replyAddress) {
    badFrames++;
    if (badFrames > BAD_FRAMES_MAX) {
      close(POLICY, "too many bad frames");
      return Future.succeededFuture();
    }
    return Future.succeededFuture(err(code, replyAddress));
  }

  /** {@code body} is where the bridge has it, the failure members are what its clients read. */
  private static JsonObject err(String code, @Nullable String replyAddress) {
    JsonObject frame = new JsonObject().put("type", "err").put("body", code);
    if (replyAddress != null) {
      frame
          .put("address", replyAddress)
          .put("failureCode", -1)
          .put("failureType", "RECIPIENT_FAILURE")
          .put("message", code);
    }
    return frame;
  }

  private void close(short code, String reason) {
    if (!socket.isClosed()) {
      socket.close(code, reason).onFailure(this::notWritten);
    }
  }
}
