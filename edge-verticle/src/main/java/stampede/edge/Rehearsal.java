package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Bytes;

/**
 * Shoppers of this edge's own who come before all others. Some shake at a {@link RehearsalDesk}, so
 * that sockets, frames, desk and lines are loaded and compiled when the first real shopper comes;
 * one says ping and asks owners for shakes that nobody made, so that the way over the bus is too.
 * Nothing is decided, nobody waits for it, and in no figure it is counted.
 */
final class Rehearsal {
  static final int FRAMES = 48_000;

  /** Who asks real owners for what is not there. */
  static final Bytes ASKER = Bytes.of("stampede:rehearsal");

  /** Few: what many say at once goes in one message, and messages are rehearsed too. */
  private static final int SHOPPERS = 5;

  private static final int ASKED_FRAMES = FRAMES / 3;
  private static final int OUT_AT_ONCE = 2;
  private static final int ITEMS = 2;

  private static final long MS_MAX = 15_000;

  /** One of them. */
  private static final class Socket {
    private final Vertx vertx;
    private final WebSocket socket;
    private final boolean onStage;
    private final int frames;
    private final Promise<Integer> over = Promise.promise();
    private int sent;
    private int heard;

    Socket(Vertx vertx, WebSocket socket, boolean onStage, int frames) {
      this.vertx = vertx;
      this.socket = socket;
      this.onStage = onStage;
      this.frames = frames;
    }

    Future<Integer> play(int outAtOnce) {
      long timer = vertx.setTimer(MS_MAX, late -> over.tryComplete(heard));
      socket.closeHandler(closed -> over.tryComplete(heard));
      socket.textMessageHandler(text -> hear()); // the welcome is the first of them
      for (int i = 0; i < outAtOnce; i++) {
        next();
      }
      return over.future()
          .eventually(
              () -> {
                vertx.cancelTimer(timer);
                return socket.close();
              });
    }

    private void hear() {
      heard++;
      if (heard > frames) {
        over.tryComplete(heard);
      } else {
        next();
      }
    }

    private void next() {
      if (sent < frames) {
        socket.writeTextMessage(onStage ? shake(sent) : question(sent));
        sent++;
      }
    }

    private static String shake(int number) {
      return "{\"type\":\"shake\",\"key\":\"r-"
          + number
          + "\",\"item\":\""
          + RehearsalDesk.ITEM
          + "\",\"quantity\":1}";
    }

    private static String question(int number) {
      return number % 4 == 0
          ? "{\"type\":\"ping\"}"
          : "{\"type\":\"result\",\"key\":\"r-"
              + number
              + "\",\"item\":\""
              + (RehearsalDesk.ITEM + number % ITEMS)
              + "\"}";
    }
  }

  private Rehearsal() {}

  /** A ticket to come in by. */
  interface Box {
    /**
     * @throws Problem.Refused while too many are out
     */
    String ticket(Bytes user) throws Problem.Refused;
  }

  /**
   * Answers heard; at most {@value #MS_MAX} ms.
   *
   * @param guests the first letters of those who shake
   * @throws Problem.Refused if no ticket is to be had
   */
  static Future<Integer> play(Vertx vertx, String host, int port, String guests, Box box)
      throws Problem.Refused {
    WebSocketClient client = vertx.createWebSocketClient();
    List<Future<Integer>> all = new ArrayList<>();
    all.add(
        client
            .connect(options(host, port, box.ticket(ASKER)))
            .compose(socket -> new Socket(vertx, socket, false, ASKED_FRAMES).play(OUT_AT_ONCE)));
    for (int i = 0; i < SHOPPERS; i++) {
      int frames = (FRAMES - ASKED_FRAMES) / SHOPPERS;
      all.add(
          client
              .connect(options(host, port, box.ticket(Bytes.of(guests + i))))
              .compose(socket -> new Socket(vertx, socket, true, frames).play(1)));
    }
    return Future.join(all)
        .map(played -> all.stream().mapToInt(Future::result).sum())
        .eventually(client::close);
  }

  private static WebSocketConnectOptions options(String host, int port, String ticket) {
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    return new WebSocketConnectOptions()
        .setHost(any ? "127.0.0.1" : host)
        .setPort(port)
        .setURI("/shake?ticket=" + ticket)
        .setTimeout(MS_MAX)
        .addSubProtocol(ShakeEndpoint.SUBPROTOCOL);
  }
}
