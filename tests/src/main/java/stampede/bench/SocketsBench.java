package stampede.bench;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import stampede.bench.ServerProcess.Memory;
import stampede.standalone.Tokens;

/** What very many sockets cost an edge: when they are idle, and when all come back at once. */
final class SocketsBench {
  /** So many handshakes under way: more than that a system's queue of newcomers does not hold. */
  private static final int OPENING_MAX = 2_000;

  /** Opened before anything is measured: the first ones load classes. */
  private static final int FIRST = 100;

  private static final long OPEN_SECONDS_MAX = 120;
  private static final long SHAKE_EVERY_MS = 20;

  /** Of one idle socket. */
  record Idle(double heapBytes, double residentBytes) {}

  /**
   * @param backMs until the last was in again, from when the server was there
   * @param refusals that said when to come back
   * @param answered shakes of one that was back first
   */
  record Wave(int sockets, long backMs, long refusals, long answered, double p99Ms) {}

  private SocketsBench() {}

  static Idle idleEcho(int sockets) {
    try (ServerProcess echo = ServerProcess.echo()) {
      return idle(echo, sockets);
    }
  }

  static Idle idleEdge(int sockets) {
    try (ServerProcess edge = ServerProcess.edge(sockets + FIRST)) {
      return idle(edge, sockets);
    }
  }

  private static Idle idle(ServerProcess server, int sockets) {
    try (Herd first = new Herd(FIRST, "f");
        Herd herd = new Herd(sockets, "h")) {
      first.comeTo(server.port());
      Memory before = server.memory();
      herd.comeTo(server.port());
      Memory after = server.memory();
      return new Idle(
          (double) (after.heapBytes() - before.heapBytes()) / sockets,
          (double) (after.residentBytes() - before.residentBytes()) / sockets);
    }
  }

  /** The edge's process is killed and another one started: all its sockets come at once. */
  static Wave wave(int sockets, Consumer<String> progress) {
    try (Herd herd = new Herd(sockets, "w")) {
      try (ServerProcess before = ServerProcess.edge(sockets + FIRST)) {
        progress.accept("  " + sockets + " in after " + herd.comeTo(before.port()) + " ms");
      }
      try (ServerProcess after = ServerProcess.edge(sockets + FIRST);
          Shaker shaker = new Shaker(after.port())) {
        shaker.awaitAnswers(1);
        long backMs = herd.comeTo(after.port());
        shaker.awaitAnswers(10);
        return new Wave(sockets, backMs, herd.refusals, shaker.answered, shaker.p99Ms());
      }
    }
  }

  /** One that was refused, and when it comes back. */
  private record Return(int id, long atNanos) {}

  /** Sockets that only want to be there. */
  private static final class Herd implements AutoCloseable, RawSockets.Listener {
    private final List<String> tokens = new ArrayList<>();
    private final ArrayDeque<Integer> out = new ArrayDeque<>();
    private final PriorityQueue<Return> again =
        new PriorityQueue<>(Comparator.comparingLong(Return::atNanos));
    private final List<RawSockets.Socket> all = new ArrayList<>();
    private final RawSockets sockets = new RawSockets("herd", this::openSome);
    private CompletableFuture<Void> allIn = new CompletableFuture<>();
    private int port;
    private int opening;
    private int in;
    private volatile long refusals;

    Herd(int size, String name) {
      Tokens maker = new Tokens(BenchShop.SECRET);
      for (int i = 0; i < size; i++) {
        tokens.add(maker.shopper(name + i, Instant.now().plusSeconds(3_600)));
      }
    }

    /** How long that took all of them, milliseconds. */
    long comeTo(int to) {
      long begin = System.nanoTime();
      CompletableFuture<Void> arrived = new CompletableFuture<>();
      sockets.execute(
          () -> {
            allIn = arrived;
            port = to;
            opening = 0;
            in = 0;
            all.forEach(RawSockets.Socket::drop);
            all.clear();
            for (int i = 0; i < tokens.size(); i++) {
              out.addLast(i);
            }
          });
      arrived.orTimeout(OPEN_SECONDS_MAX, TimeUnit.SECONDS).join();
      return (System.nanoTime() - begin) / 1_000_000;
    }

    private void openSome() {
      if (port == 0) {
        return;
      }
      while (!again.isEmpty() && again.peek().atNanos <= System.nanoTime()) {
        out.addLast(again.remove().id);
      }
      while (opening < OPENING_MAX && !out.isEmpty()) {
        int id = out.removeFirst();
        all.add(sockets.open(id, "127.0.0." + (2 + id % 8), port, tokens.get(id), this));
        opening++;
      }
    }

    @Override
    public void opened(RawSockets.Socket socket) {
      opening--;
      in++;
      if (in == tokens.size()) {
        port = 0;
        allIn.complete(null);
      }
    }

    @Override
    public void text(RawSockets.Socket socket, String text) {}

    @Override
    public void ended(RawSockets.Socket socket, String why, long retryAfterMs) {
      if (port == 0) {
        return; // the server went
      }
      opening--;
      if (retryAfterMs == 0) {
        allIn.completeExceptionally(new IllegalStateException("a socket ended: " + why));
      } else {
        refusals++;
        again.add(new Return(socket.id, System.nanoTime() + retryAfterMs * 1_000_000));
      }
    }

    @Override
    public void close() {
      sockets.close();
    }
  }

  /** One that shakes all the time, with one out at most. */
  private static final class Shaker implements AutoCloseable, RawSockets.Listener {
    private final Histogram latencyMicros = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
    private final RawSockets sockets = new RawSockets("shaker", this::shake);
    private volatile RawSockets.@Nullable Socket socket;
    private volatile long answered;
    private volatile String ended = "";
    private long sentNanos;
    private boolean out;
    private long keys;

    Shaker(int port) {
      String token =
          new Tokens(BenchShop.SECRET).shopper("shaker", Instant.now().plusSeconds(3_600));
      sockets.execute(() -> socket = sockets.open(0, "127.0.0.1", port, token, this));
    }

    void awaitAnswers(int more) {
      long wanted = answered + more;
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (answered < wanted) {
        if (!ended.isEmpty() || System.nanoTime() > deadline) {
          throw new IllegalStateException("no answer to a shake; " + ended);
        }
        Pause.ms(5);
      }
    }

    double p99Ms() {
      CompletableFuture<Double> p99Ms = new CompletableFuture<>();
      sockets.execute(() -> p99Ms.complete(latencyMicros.getValueAtPercentile(99) / 1e3));
      return p99Ms.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void shake() {
      long now = System.nanoTime();
      boolean due = now - sentNanos > SHAKE_EVERY_MS * 1_000_000;
      RawSockets.Socket by = socket;
      if (by != null && by.isOpen() && !out && due) {
        out = true;
        sentNanos = now;
        String head = "{\"type\":\"shake\",\"key\":\"k-";
        by.send(RawSockets.text(head + keys++ + "\",\"item\":\"1\",\"quantity\":1}"));
      }
    }

    @Override
    public void text(RawSockets.Socket by, String text) {
      if (text.contains(Wanted.SOLD_OUT)) {
        latencyMicros.recordValue((System.nanoTime() - sentNanos) / 1_000);
        answered++;
        out = false;
      }
    }

    @Override
    public void ended(RawSockets.Socket by, String why, long retryAfterMs) {
      ended = why;
    }

    @Override
    public void close() {
      sockets.close();
    }
  }
}
