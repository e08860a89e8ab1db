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
 * some say ping and ask owners for shakes that nobody made, so that the way over the bus is too.
 * Nothing is decided, nobody waits for it, and in no figure it is counted.
 */
final class Rehearsal {
  /**
   * How much of it.
   *
   * @param shakes of all shoppers
   * @param asked of owners and in pings: little where all edges may ask at the same time
   * @param msMax at most so long
   */
  record Part(int shakes, int asked, long msMax) {
    static final Part WHOLE = new Part(32_000, 16_000, 15_000);
    static final Part AGAIN = new Part(12_000, 800, 5_000);
  }

  /** Who asks real owners for what is not there. */
  static final Bytes ASKER = Bytes.of("stampede:rehearsal");

  /** Few: what many say at once goes in one message, and messages are rehearsed too. */
  private static final int SHOPPERS = 5;

  /** Of all sizes: whoever shakes alone is rehearsed, and a crowd of one turn. */
  private static final int BURST_MAX = 4;

  /** Enough for questions to wait for room on the way. */
  private static final int ASKERS = 3;

  private static final int ITEMS = 2;

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

    Future<Integer> play(long msMax) {
      long timer = vertx.setTimer(msMax, late -> over.tryComplete(heard));
      socket.closeHandler(closed -> over.tryComplete(heard));
      socket.textMessageHandler(text -> hear()); // the welcome is the first of them
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
      } else if (heard > sent) {
        for (int burst = heard % BURST_MAX; burst >= 0 && sent < frames; burst--) {
          socket.writeTextMessage(onStage ? shake(sent) : question(sent));
          sent++;
        }
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
   * Answers heard.
   *
   * @param guests the first letters of those who shake
   * @throws Problem.Refused if no ticket is to be had
   */
  static Future<Integer> play(Vertx vertx, String host, int port, String guests, Box box, Part part)
      throws Problem.Refused {
    WebSocketClient client = vertx.createWebSocketClient();
    List<Future<Integer>> all = new ArrayList<>();
    for (int i = 0; i < ASKERS + SHOPPERS; i++) {
      boolean onStage = i >= ASKERS;
      Bytes user = onStage ? Bytes.of(guests + i) : ASKER;
      int frames = onStage ? part.shakes() / SHOPPERS : part.asked() / ASKERS;
      all.add(
          client
              .connect(options(host, port, box.ticket(user), part))
              .compose(socket -> new Socket(vertx, socket, onStage, frames).play(part.msMax())));
    }
    return Future.join(all)
        .map(played -> all.stream().mapToInt(Future::result).sum())
        .eventually(client::close);
  }

  private static WebSocketConnectOptions options(String host, int port, String ticket, Part part) {
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    return new WebSocketConnectOptions()
        .setHost(any ? "127.0.0.1" : host)
        .setPort(port)
        .setURI("/shake?ticket=" + ticket)
        .setTimeout(part.msMax())
        .addSubProtocol(ShakeEndpoint.SUBPROTOCOL);
  }
}
