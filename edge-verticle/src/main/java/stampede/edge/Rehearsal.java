package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import stampede.protocol.Bytes;

/**
 * Shoppers of this edge's own who come before all others. Some shake at a {@link RehearsalDesk}, so
 * that sockets, frames, desk and lines are loaded and compiled when the first real shopper comes;
 * one says ping and asks owners for shakes that nobody made, so that the way over the bus is too.
 * What is rare beside shakes — sockets that come and go, questions of pages and operators — is
 * strewn in: code that was compiled without having seen it is thrown away when it comes, which is
 * just before a sale. Nothing is decided, nobody waits for it, and in no figure it is counted.
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

  private static final int VISIT_FRAMES = 160;

  private static final long MS_MAX = 15_000;
  private static final long VISIT_MS_MAX = 5_000;
  private static final String HERE = "stampede.rehearsal";

  /** One of them, who comes again and again: what happens once a socket is rehearsed too. */
  private final class Guest {
    private final Bytes user;
    private final boolean onStage;
    private final int outAtOnce;
    private final int frames;
    private int sent;
    private int heard;

    Guest(Bytes user, boolean onStage, int outAtOnce, int frames) {
      this.user = user;
      this.onStage = onStage;
      this.outAtOnce = outAtOnce;
      this.frames = frames;
    }

    /** Answers heard by the end. */
    Future<Integer> play() {
      if (sent >= frames || System.nanoTime() > endNanos) {
        return Future.succeededFuture(heard);
      }
      String ticket;
      try {
        ticket = house.ticket(user);
      } catch (Problem.Refused e) {
        return Future.succeededFuture(heard); // so many are out that nothing is cold
      }
      return client
          .connect(options(ticket))
          .compose(this::visit)
          .eventually(house::askBesides)
          .eventually(this::askHere)
          .compose(over -> play(), fault -> Future.succeededFuture(heard));
    }

    private Future<Void> visit(WebSocket socket) {
      Promise<Void> over = Promise.promise();
      int last = Math.min(frames, sent + VISIT_FRAMES);
      int awaited = heard + last - sent + 1; // the welcome is the first of them
      long timer = vertx.setTimer(VISIT_MS_MAX, late -> over.tryComplete());
      socket.closeHandler(closed -> over.tryComplete());
      socket.textMessageHandler(
          text -> {
            heard++;
            if (heard >= awaited) {
              over.tryComplete();
            } else {
              next(socket, last);
            }
          });
      for (int i = 1; i < outAtOnce; i++) {
        next(socket, last);
      }
      return over.future()
          .eventually(
              () -> {
                vertx.cancelTimer(timer);
                return socket.close();
              });
    }

    private void next(WebSocket socket, int last) {
      if (sent < last) {
        socket.writeTextMessage(onStage ? shake(sent) : question(sent));
        sent++;
      }
    }

    /** As operators' sockets do: JSON to somebody in this process. */
    private Future<?> askHere() {
      return vertx.eventBus().request(HERE, JsonObject.of("visit", sent));
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
              + (number % ITEMS + 1)
              + "\"}";
    }
  }

  /** Where it takes place. */
  interface House {
    /**
     * A ticket to come in by.
     *
     * @throws Problem.Refused while too many are out
     */
    String ticket(Bytes user) throws Problem.Refused;

    /** What pages and operators ask of owners and persist nodes, of what is not there. */
    Future<?> askBesides();
  }

  private final Vertx vertx;
  private final String host;
  private final int port;
  private final House house;
  private final WebSocketClient client;
  private final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MS_MAX);

  private Rehearsal(Vertx vertx, String host, int port, House house) {
    this.vertx = vertx;
    this.host = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    this.port = port;
    this.house = house;
    this.client = vertx.createWebSocketClient();
  }

  /**
   * Answers heard; at most {@value #MS_MAX} ms and the last visit.
   *
   * @param guests the first letters of those who shake
   */
  static Future<Integer> play(Vertx vertx, String host, int port, String guests, House house) {
    return new Rehearsal(vertx, host, port, house).play(guests);
  }

  private Future<Integer> play(String guests) {
    MessageConsumer<JsonObject> here = vertx.eventBus().localConsumer(HERE);
    here.handler(asked -> asked.reply(asked.body()));
    List<Future<Integer>> all = new ArrayList<>();
    all.add(new Guest(ASKER, false, OUT_AT_ONCE, ASKED_FRAMES).play());
    for (int i = 0; i < SHOPPERS; i++) {
      int frames = (FRAMES - ASKED_FRAMES) / SHOPPERS;
      all.add(new Guest(Bytes.of(guests + i), true, 1, frames).play());
    }
    return Future.join(all)
        .map(played -> all.stream().mapToInt(Future::result).sum())
        .eventually(client::close)
        .eventually(here::unregister);
  }

  private WebSocketConnectOptions options(String ticket) {
    return new WebSocketConnectOptions()
        .setHost(host)
        .setPort(port)
        .setURI("/shake?ticket=" + ticket)
        .setTimeout(VISIT_MS_MAX)
        .addSubProtocol(ShakeEndpoint.SUBPROTOCOL);
  }
}
