package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import stampede.edge.EdgeConfig;
import stampede.edge.EdgeVerticle;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;

/**
 * An edge, or the bare echo, in a process of its own, so that its memory is its own too. The edge's
 * owners are there and have sold everything. Lines in: {@code memory}; the end of them ends it.
 */
public final class ServerProcess implements AutoCloseable {
  private static final String OWNER = "sale.bench.1";

  /** A small heap that is given back, so that what is resident is what is used. */
  private static final List<String> MEMORY =
      List.of(
          "-Xms32m",
          "-Xmx1500m",
          "-XX:+UseSerialGC",
          "-XX:MinHeapFreeRatio=5",
          "-XX:MaxHeapFreeRatio=10");

  /**
   * @param heapBytes in use after a collection
   */
  record Memory(long heapBytes, long residentBytes) {}

  private final ChildJvm jvm;
  private final int port;

  private ServerProcess(String kind, int socketsMax) {
    jvm = new ChildJvm(MEMORY, ServerProcess.class, List.of(kind, Integer.toString(socketsMax)));
    port = Integer.parseInt(jvm.answer("port"));
  }

  static ServerProcess edge(int socketsMax) {
    return new ServerProcess("edge", socketsMax);
  }

  static ServerProcess echo() {
    return new ServerProcess("echo", 0);
  }

  int port() {
    return port;
  }

  Memory memory() {
    String[] numbers = jvm.ask("memory", "memory").split(" ");
    return new Memory(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
  }

  @Override
  public void close() {
    jvm.kill();
  }

  public static void main(String[] args) throws Exception {
    int port =
        args[0].equals("edge") ? serveEdge(Integer.parseInt(args[1])) : new EchoServer().port();
    System.out.println("port " + port);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (lines.readLine() != null) {
      System.out.println("memory " + heapBytes() + " " + residentBytes());
    }
    System.exit(0);
  }

  /** In this process; its port. */
  public static int serveEdge(int socketsMax) {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    EdgeConfig config = BenchShop.edgeConfig(socketsMax);
    List<Hint> hints = new ArrayList<>();
    for (int partition = 0; partition < config.partitions(); partition++) {
      hints.add(
          new Hint(
              partition, 1, "s", OWNER, 1, System.currentTimeMillis(), true, "ok", 0, List.of()));
    }
    vertx
        .eventBus()
        .<Buffer>consumer(
            Addresses.OWNERS, asked -> asked.reply(Buffer.buffer(Hint.encodeAll(hints))));
    vertx.eventBus().consumer(OWNER, ServerProcess::refuse);
    vertx.setPeriodic(
        1_000,
        second ->
            hints.forEach(
                hint -> vertx.eventBus().publish(Addresses.HINTS, Buffer.buffer(hint.encode()))));
    EdgeVerticle edge = new EdgeVerticle(config, List::of);
    vertx.deployVerticle(edge).await();
    return edge.httpPort();
  }

  private static void refuse(Message<Buffer> message) {
    if (message.body().length() == 0) { // a ping
      message.reply(message.body());
      return;
    }
    int commands = CommandBatch.decode(message.body().getBytes()).commands().size();
    List<Reply> replies = new ArrayList<>();
    for (int i = 0; i < commands; i++) {
      replies.add(Reply.Shaken.of(Outcome.SOLD_OUT, 1, 1));
    }
    message.reply(Buffer.buffer(new BatchReply.Answered(replies).encode()));
  }

  /** In use after a collection. */
  public static long heapBytes() {
    for (int i = 0; i < 3; i++) { // what one collection frees lets the next one shrink the heap
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1_024;
      }
    }
    return 0; // not Linux
  }
}
