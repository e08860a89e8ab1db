package stampede.rig.chaos;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One node's way to one store: bytes are passed on as they come, or not at all in one direction, or
 * later. While a direction is cut nothing of it is read, so the sender's window fills and nobody is
 * told, as with packets that are dropped. Methods may be called by any thread.
 */
final class Relay implements AutoCloseable {
  private static final int CONNECT_MS_MAX = 2_000;

  private final Vertx vertx;
  private final NetServer server;
  private final NetClient client;
  private final String host;
  private final int port;
  private final Set<Pair> pairs = new HashSet<>();
  private boolean cutToStore;
  private boolean cutToNode;
  private volatile long delayMs;

  /** Listens on a free port of {@code listenHost} and passes on to {@code host:port}. */
  Relay(Vertx vertx, String listenHost, String host, int port) {
    this.vertx = vertx;
    this.host = host;
    this.port = port;
    this.client =
        vertx.createNetClient(
            new NetClientOptions().setConnectTimeout(CONNECT_MS_MAX).setTcpNoDelay(true));
    this.server =
        vertx
            .createNetServer(new NetServerOptions().setTcpNoDelay(true))
            .connectHandler(this::accept);
    await(server.listen(0, listenHost));
  }

  int port() {
    return server.actualPort();
  }

  /** Nothing passes in the named directions until {@link #heal}. */
  synchronized void cut(boolean toStore, boolean toNode) {
    cutToStore = toStore;
    cutToNode = toNode;
    pairs.forEach(Pair::obey);
  }

  /** Every piece takes so much longer, both ways. */
  void slow(long delayMs) {
    this.delayMs = delayMs;
  }

  synchronized void heal() {
    delayMs = 0;
    cut(false, false);
  }

  private void accept(NetSocket node) {
    node.pause();
    client
        .connect(port, host)
        .onFailure(refused -> node.close())
        .onSuccess(store -> join(new Pair(node, store)));
  }

  private synchronized void join(Pair pair) {
    pairs.add(pair);
    pair.start();
    pair.obey();
  }

  private synchronized void part(Pair pair) {
    pairs.remove(pair);
  }

  @Override
  public void close() {
    await(server.close());
    await(client.close());
  }

  private static <T> T await(io.vertx.core.Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** A connection of the node and the one to the store that stands for it. */
  private final class Pair {
    private final NetSocket node;
    private final NetSocket store;

    Pair(NetSocket node, NetSocket store) {
      this.node = node;
      this.store = store;
    }

    void start() {
      pass(node, store);
      pass(store, node);
    }

    private void pass(NetSocket from, NetSocket to) {
      ArrayDeque<Buffer> late = new ArrayDeque<>();
      from.handler(bytes -> send(to, bytes, late));
      from.exceptionHandler(broken -> to.close());
      from.closeHandler(
          closed -> {
            part(this);
            to.close();
          });
    }

    /** Whatever the delay does meanwhile, bytes leave in the order they came. */
    private void send(NetSocket to, Buffer bytes, ArrayDeque<Buffer> late) {
      long waitMs = delayMs;
      if (waitMs == 0 && late.isEmpty()) {
        to.write(bytes).onFailure(gone -> to.close());
        return;
      }
      late.add(bytes);
      vertx.setTimer(
          Math.max(1, waitMs), due -> to.write(late.remove()).onFailure(gone -> to.close()));
    }

    void obey() {
      steer(node, cutToStore);
      steer(store, cutToNode);
    }

    private void steer(NetSocket from, boolean cut) {
      if (cut) {
        from.pause();
      } else {
        from.resume();
      }
    }
  }
}
