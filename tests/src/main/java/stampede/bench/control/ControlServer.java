package stampede.bench.control;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.bench.EchoServer;
import stampede.bench.control.ControlSale.Said;
import stampede.bench.control.TransactionSale.Way;

/**
 * The shop's frames in front of a {@link ControlSale}: {@code shake} in, one {@code outcome} out.
 * The same options and the same one event loop as the bare echo; the token says who is asking, and
 * is not checked.
 *
 * <p>A buyer is a user where everybody may have one unit, else a user and a key: few sockets then
 * stand for as many buyers as there are shakes.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final long SECONDS_MAX = 60;

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setPreferNativeTransport(true));
  private final Context context = vertx.getOrCreateContext();
  private final Set<Long> oneEach = new HashSet<>();
  private final ControlSale sale;
  private final HttpServer server;

  private ControlServer(Function<Vertx, Future<? extends ControlSale>> open) {
    sale = on(context, () -> open.apply(vertx));
    server = on(context, this::listen);
  }

  public static ControlServer ofTransactions(String mySqlUrl, Way way, int connections) {
    return new ControlServer(vertx -> TransactionSale.open(vertx, mySqlUrl, way, connections));
  }

  public static ControlServer ofScripts(String redisUrl, String mySqlUrl, int connections) {
    return new ControlServer(vertx -> ScriptSale.open(vertx, redisUrl, mySqlUrl, connections));
  }

  private Future<HttpServer> listen() {
    return vertx
        .createHttpServer(EchoServer.options())
        .webSocketHandler(
            socket -> {
              String user = user(socket);
              socket.textMessageHandler(text -> hear(socket, user, text));
            })
        .listen(0, "127.0.0.1");
  }

  private static String user(ServerWebSocket socket) {
    String token = socket.headers().get("authorization");
    String claims = token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
    byte[] json = Base64.getUrlDecoder().decode(claims);
    return new JsonObject(new String(json, StandardCharsets.UTF_8)).getString("sub");
  }

  private void hear(ServerWebSocket socket, String user, String text) {
    JsonObject frame = new JsonObject(text);
    String id = frame.getString("item");
    String key = frame.getString("key");
    long item = Long.parseLong(id);
    String buyer = oneEach.contains(item) ? user : user + "/" + key;
    sale.shake(item, buyer, key)
        .compose(said -> socket.writeTextMessage(outcome(id, key, said)))
        .onFailure(
            fault -> {
              LOG.error("a shake has no answer", fault);
              socket.close().onFailure(gone -> {});
            });
  }

  private static String outcome(String item, String key, Said said) {
    StringBuilder out = new StringBuilder(224).append("{\"type\":\"outcome\",\"key\":\"");
    out.append(key).append("\",\"item\":\"").append(item);
    out.append("\",\"outcome\":\"").append(said.outcome().text()).append('"');
    if (said.order() != 0) {
      out.append(",\"order\":\"").append(said.order()).append("\",\"status\":\"held\",\"payBy\":");
      out.append(said.at() + ControlSale.PAY_WITHIN_MS);
    }
    return out.append(",\"at\":").append(said.at()).append('}').toString();
  }

  public int port() {
    return server.actualPort();
  }

  /**
   * Opens an item that nobody has had yet; its id.
   *
   * @param oneEach whether a user gets at most one of it
   */
  public long open(long stock, boolean oneEach) {
    long now = System.currentTimeMillis();
    return on(
        context,
        () ->
            sale.open(stock, now - 1_000, now + 86_400_000)
                .onSuccess(
                    item -> {
                      if (oneEach) {
                        this.oneEach.add(item);
                      }
                    }));
  }

  private interface Work<T> {
    Future<? extends T> start();
  }

  private static <T> T on(Context context, Work<T> work) {
    Promise<T> done = Promise.promise();
    context.runOnContext(go -> work.start().onSuccess(done::complete).onFailure(done::fail));
    return done.future()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(SECONDS_MAX, TimeUnit.SECONDS)
        .join();
  }

  /** Everything that was answered is where it belongs then. */
  @Override
  public void close() {
    on(context, sale::close);
    vertx.close().await();
  }
}
