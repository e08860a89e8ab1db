package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import stampede.protocol.Bytes;

/**
 * A shopper of this edge's own who comes before all others: says ping, and asks owners for shakes
 * that nobody made. The way of a frame from the socket to an owner and back is then loaded and
 * compiled when the first real one takes it. Nothing is decided, nobody waits for it, and in no
 * figure it is counted.
 */
final class Rehearsal {
  static final Bytes USER = Bytes.of("stampede:rehearsal");
  static final int FRAMES = 16_000;
  private static final int OUT_AT_ONCE = 16;
  private static final int ITEMS = 64;
  private static final long MS_MAX = 5_000;

  private final WebSocket socket;
  private final Promise<Integer> over = Promise.promise();
  private int sent;
  private int heard;

  private Rehearsal(WebSocket socket) {
    this.socket = socket;
  }

  /** Answers heard; at most {@value #MS_MAX} ms. */
  static Future<Integer> play(Vertx vertx, String host, int port, String ticket) {
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost(any ? "127.0.0.1" : host)
            .setPort(port)
            .setURI("/shake?ticket=" + ticket)
            .setTimeout(MS_MAX)
            .addSubProtocol(ShakeEndpoint.SUBPROTOCOL);
    WebSocketClient client = vertx.createWebSocketClient();
    return client
        .connect(options)
        .compose(socket -> new Rehearsal(socket).play(vertx))
        .eventually(client::close);
  }

  private Future<Integer> play(Vertx vertx) {
    long timer = vertx.setTimer(MS_MAX, late -> over.tryComplete(heard));
    socket.closeHandler(closed -> over.tryComplete(heard));
    socket.textMessageHandler(this::hear); // the welcome is the first of them
    for (int i = 0; i < OUT_AT_ONCE; i++) {
      next();
    }
    return over.future()
        .eventually(
            () -> {
              vertx.cancelTimer(timer);
              return socket.close();
            });
  }

  private void hear(String text) {
    heard++;
    if (heard > FRAMES) {
      over.tryComplete(heard);
    } else {
      next();
    }
  }

  private void next() {
    if (sent < FRAMES) {
      int number = sent++;
      socket.writeTextMessage(
          number % 4 == 0
              ? "{\"type\":\"ping\"}"
              : "{\"type\":\"result\",\"key\":\"r-"
                  + number
                  + "\",\"item\":\""
                  + (number % ITEMS + 1)
                  + "\"}");
    }
  }
}
