package stampede.node.redis;

import io.vertx.core.AsyncResult;
import io.vertx.core.Closeable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.port.Completion;

/**
 * One connection to one Redis, owned by the event loop it was made on: calls are carried out in the
 * order they were made in (a script that Redis has to be taught first may fall behind).
 *
 * <p>Every call ends within its time-out, connecting included. After a time-out the connection is
 * closed, since later replies might be taken for the wrong call's, and every call under way fails
 * with {@link Unreachable}. The next call opens a new one, 50 ms to 1 s later, longer after each
 * attempt in vain; calls made meanwhile wait for it. Nothing is sent twice.
 */
public final class RedisLink {
  public static final long TIMEOUT_MS_DEFAULT = 1_000;
  public static final int CALLS_MAX_DEFAULT = 64;
  private static final long BACK_OFF_MS_MIN = 50;
  private static final long BACK_OFF_MS_MAX = 1_000;
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  private final Vertx vertx;
  private final Context context;
  private final Thread owner;
  private final RedisUrl url;
  private final long timeoutMs;
  private final int callsMax;
  private final Closeable atEnd;

  /** Made and not yet ended, in order; sent or, without a connection, waiting for one. */
  private final Set<RedisCall> calls = new LinkedHashSet<>();

  /** Of the connection or the attempt at one: its pool cannot close a connection, only itself. */
  private @Nullable Redis client;

  private @Nullable RedisConnection connection;
  private boolean connecting;
  private boolean outageLogged;
  private boolean closed;
  private long backOffMs = BACK_OFF_MS_MIN;
  private long nextAttemptNanos = System.nanoTime();

  /** With the default time-out and bound. */
  public RedisLink(Vertx vertx, RedisUrl url) {
    this(vertx, url, TIMEOUT_MS_DEFAULT, CALLS_MAX_DEFAULT);
  }

  /**
   * Opens nothing yet. To be called on an event loop.
   *
   * @param timeoutMs for one call, and for one attempt to connect
   * @param callsMax calls under way at once; one more fails at once
   */
  public RedisLink(Vertx vertx, RedisUrl url, long timeoutMs, int callsMax) {
    if (!Context.isOnEventLoopThread()) {
      throw new IllegalStateException("a Redis link must be made on the event loop that uses it");
    }
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.owner = Thread.currentThread();
    this.url = url;
    this.timeoutMs = timeoutMs;
    this.callsMax = callsMax;
    this.atEnd = whenDone -> context.runOnContext(v -> shut().onComplete(whenDone));
    ((ContextInternal) context).closeFuture().add(atEnd);
  }

  /** Where it leads, without credentials. */
  public RedisUrl url() {
    return url;
  }

  /** Sends one command. A null reply succeeds with null. */
  public void call(Request request, Completion<Response> done) {
    start(new RedisCall(request, null, done));
  }

  /**
   * Runs a script, by its hash if Redis knows it.
   *
   * @param args strings, numbers or byte arrays
   */
  public void eval(RedisScript script, List<String> keys, List<?> args, Completion<Response> done) {
    start(
        new RedisCall(
            request(Command.EVALSHA, script.sha1(), keys, args),
            request(Command.EVAL, script.text(), keys, args),
            done));
  }

  /** Closes the connection for good. Calls under way fail. Happens by itself with the verticle. */
  public void close() {
    requireOwner();
    ((ContextInternal) context).closeFuture().remove(atEnd);
    shut().onFailure(e -> LOG.debug("closing the connection to {} failed", url, e));
  }

  private Future<Void> shut() {
    closed = true;
    Future<Void> disconnected = disconnect();
    failAll(new Unreachable("the connection to " + url + " was closed here"));
    return disconnected;
  }

  private static Request request(Command command, String script, List<String> keys, List<?> args) {
    List<Object> all = new ArrayList<>(2 + keys.size() + args.size());
    all.add(script);
    all.add(keys.size());
    all.addAll(keys);
    all.addAll(args);
    return Request.cmd(command, all.toArray());
  }

  private void start(RedisCall call) {
    requireOwner();
    if (closed) {
      call.done.fail(new Unreachable("the connection to " + url + " was closed here"));
    } else if (calls.size() >= callsMax) {
      call.done.fail(new Unreachable(callsMax + " calls to " + url + " are under way already"));
    } else {
      calls.add(call);
      call.timer = vertx.setTimer(timeoutMs, id -> timedOut(call));
      if (connection != null) {
        send(connection, call, call.request);
      } else {
        connect();
      }
    }
  }

  private void send(RedisConnection to, RedisCall call, Request request) {
    to.send(request).onComplete(reply -> replied(to, call, reply));
  }

  private void replied(RedisConnection from, RedisCall call, AsyncResult<Response> reply) {
    if (from != connection || !calls.contains(call)) {
      return; // it failed when its connection was given up
    }
    if (reply.succeeded()) {
      backOffMs = BACK_OFF_MS_MIN;
      end(call);
      call.done.done(reply.result(), null);
      return;
    }
    Exception fault = RedisFaults.ofReply(url, reply.cause());
    Request withText = isNoScript(fault) ? call.takeWithText() : null;
    if (fault == null) {
      lost(from, "the connection to " + url + " failed: " + RedisFaults.reason(reply.cause()));
    } else if (withText != null) {
      send(from, call, withText);
    } else {
      end(call);
      call.done.fail(fault);
    }
  }

  private static boolean isNoScript(@Nullable Exception fault) {
    return fault instanceof ErrorReply reply && reply.code().equals("NOSCRIPT");
  }

  private void timedOut(RedisCall call) {
    if (!calls.contains(call)) {
      return;
    }
    String what = "no answer from " + url + " within " + timeoutMs + " ms";
    RedisConnection late = connection;
    if (late != null) {
      lost(late, what);
    } else {
      end(call);
      call.done.fail(new Unreachable(what));
    }
  }

  private void connect() {
    if (connecting) {
      return;
    }
    connecting = true;
    long waitMs = (nextAttemptNanos - System.nanoTime()) / 1_000_000;
    if (waitMs > 0) {
      vertx.setTimer(waitMs, id -> attempt());
    } else {
      attempt();
    }
  }

  private void attempt() {
    if (closed) {
      return;
    }
    Redis attempted = newClient();
    client = attempted;
    // Covers the log-in too, which the client would wait for without end.
    long timer =
        vertx.setTimer(
            timeoutMs,
            id ->
                attemptFailed(
                    attempted,
                    new Unreachable("no connection to " + url + " within " + timeoutMs + " ms")));
    attempted
        .connect()
        .onComplete(
            result -> {
              vertx.cancelTimer(timer);
              if (result.succeeded()) {
                connected(attempted, result.result());
              } else {
                attemptFailed(attempted, connectFault(result.cause()));
              }
            });
  }

  /**
   * In a context of its own: the one of the verticle would hold on to every client made in it until
   * the verticle ends, closed or not, and a long outage needs many.
   */
  private Redis newClient() {
    ContextInternal apart =
        ((VertxInternal) vertx)
            .contextBuilder()
            .withThreadingModel(ThreadingModel.EVENT_LOOP)
            .withEventLoop(((ContextInternal) context).nettyEventLoop())
            .withCloseFuture(new CloseFuture())
            .build();
    AtomicReference<Redis> made = new AtomicReference<>();
    apart.dispatch(() -> made.set(Redis.createClient(vertx, options())));
    return made.get();
  }

  private RedisOptions options() {
    NetClientOptions net = new NetClientOptions().setTcpKeepAlive(true).setTcpNoDelay(true);
    net.setConnectTimeout((int) timeoutMs);
    if (url.tls()) {
      net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
    }
    return new RedisOptions()
        .setConnectionString(url.connectionString())
        .setNetClientOptions(net)
        .setPreferredProtocolVersion(ProtocolVersion.RESP2)
        .setMaxWaitingHandlers(callsMax + 8) // the log-in needs a few of its own
        .setMaxPoolSize(1)
        .setPoolCleanerInterval(-1)
        .setPoolRecycleTimeout(-1);
  }

  private Exception connectFault(Throwable cause) {
    Exception fault = RedisFaults.ofReply(url, cause);
    return fault != null
        ? fault
        : new Unreachable("no connection to " + url + ": " + RedisFaults.reason(cause));
  }

  private void connected(Redis attempted, RedisConnection to) {
    if (attempted != client) {
      attempted.close().onFailure(e -> LOG.debug("closing a late connection failed", e));
      return; // it was given up meanwhile
    }
    connecting = false;
    connection = to;
    to.endHandler(v -> lost(to, "the connection to " + url + " was closed"));
    to.exceptionHandler(
        e -> lost(to, "the connection to " + url + " failed: " + RedisFaults.reason(e)));
    if (outageLogged) {
      LOG.info("redis.connected {}", url);
      outageLogged = false;
    }
    for (RedisCall call : List.copyOf(calls)) {
      send(to, call, call.request);
    }
  }

  private void attemptFailed(Redis attempted, Exception fault) {
    if (attempted == client) {
      giveUp(fault);
    }
  }

  private void lost(RedisConnection from, String why) {
    if (from == connection) {
      giveUp(new Unreachable(why));
    }
  }

  private void giveUp(Exception fault) {
    disconnect().onFailure(e -> LOG.debug("closing the connection to {} failed", url, e));
    nextAttemptNanos = System.nanoTime() + backOffMs * 1_000_000;
    backOffMs = Math.min(2 * backOffMs, BACK_OFF_MS_MAX);
    if (!outageLogged) {
      LOG.warn("redis.unreachable {}", fault.getMessage());
      outageLogged = true;
    }
    failAll(fault);
  }

  private Future<Void> disconnect() {
    Redis old = client;
    client = null;
    connection = null;
    connecting = false;
    return old == null ? Future.succeededFuture() : old.close();
  }

  /** Each on its own turn of the loop: one that throws or calls again disturbs no other. */
  private void failAll(Exception fault) {
    for (RedisCall call : List.copyOf(calls)) {
      end(call);
      context.runOnContext(v -> call.done.fail(fault));
    }
  }

  private void end(RedisCall call) {
    calls.remove(call);
    vertx.cancelTimer(call.timer);
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "the link to " + url + " belongs to " + owner.getName() + ", called from another thread");
    }
  }

  /**
   * No answer in time, no connection, or a Redis that cannot serve now: carried out or not, perhaps
   * later. The same call may be sent again.
   */
  public static class Unreachable extends Exception {
    public Unreachable(String message) {
      super(message, null, false, false);
    }
  }

  /** Memory or disk of the store is full: nothing was written. The same call may succeed later. */
  public static final class StoreFull extends Unreachable {
    public StoreFull(String message) {
      super(message);
    }
  }

  /** Any other error reply: nothing was carried out, and sending it again does not help. */
  public static final class ErrorReply extends Exception {
    private final String code;

    public ErrorReply(String code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    /** The reply's first word, such as {@code WRONGTYPE} or {@code ERR}. */
    public String code() {
      return code;
    }
  }
}
