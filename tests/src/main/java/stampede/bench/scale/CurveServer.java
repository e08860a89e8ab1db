package stampede.bench.scale;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import stampede.bench.ChildJvm;
import stampede.bench.EchoServer;
import stampede.bench.ProcessMeter.Watched;
import stampede.bench.ServerProcess;

/**
 * What is measured, in a process of its own so that its CPU time is its own: a bare echo; an edge
 * whose owners have sold everything; or a whole shop but for MySQL. Lines in: {@code port}; {@code
 * heap}; to a shop {@code items N}, which publishes until there are so many.
 */
final class CurveServer implements AutoCloseable {
  private static final String HEAP = "1500m";

  private final Child child;
  private int port;

  private CurveServer(Child child) {
    this.child = child;
  }

  static CurveServer echo(List<String> jvm) {
    return start(jvm, "echo");
  }

  static CurveServer edge(List<String> jvm, int socketsMax) {
    return start(jvm, "edge", Integer.toString(socketsMax));
  }

  /**
   * @param spread its items over all partitions; else they are in one
   * @param redisUrl of a journal nobody else uses
   */
  static CurveServer shop(List<String> jvm, int socketsMax, boolean spread, String redisUrl) {
    String where = Boolean.toString(spread);
    return start(jvm, "shop", Integer.toString(socketsMax), where, redisUrl);
  }

  private static CurveServer start(List<String> jvm, String... arguments) {
    return new CurveServer(Child.start(CurveServer.class, flags(jvm), arguments));
  }

  /** With the collector Stampede is run with, and a heap that does not grow meanwhile. */
  static List<String> flags(List<String> jvm) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "-Dstampede.log=warn",
                "-Xms" + HEAP,
                "-Xmx" + HEAP,
                "-Dio.netty.tryReflectionSetAccessible=true",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
    all.addAll(ChildJvm.COLLECTOR);
    all.addAll(jvm);
    return all;
  }

  /** Waits until it is up. */
  int port() {
    if (port == 0) {
      port = (int) child.askNumber("port");
    }
    return port;
  }

  /** In use after a collection. */
  long heapBytes() {
    return child.askNumber("heap");
  }

  /** Publishes until there are so many; their ids. */
  List<String> items(int count) {
    return List.of(child.ask("items " + count).split(","));
  }

  Watched watched() {
    return Watched.jvm("server", child.pid());
  }

  @Override
  public void close() {
    child.close();
  }

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "echo" -> serve(new EchoServer().port());
      case "edge" -> serve(ServerProcess.serveEdge(Integer.parseInt(args[1])));
      case "shop" ->
          serve(new ManyItems(Integer.parseInt(args[1]), Boolean.parseBoolean(args[2]), args[3]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void serve(int port) throws IOException {
    Child.serve(line -> Long.toString(line.equals("port") ? port : ServerProcess.heapBytes()));
  }

  private static void serve(ManyItems shop) throws IOException {
    Child.serve(
        line ->
            switch (line) {
              case "port" -> Integer.toString(shop.port());
              case "heap" -> Long.toString(ServerProcess.heapBytes());
              default -> String.join(",", shop.items(Integer.parseInt(line.split(" ")[1])));
            });
  }
}
