package stampede.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import stampede.node.Cluster;
import stampede.standalone.Ports;

/** Members of a cluster that nobody else joins, all in this process. */
public final class LoneCluster implements AutoCloseable {
  private final Path xml;
  private final int partitions;
  private final List<Cluster> nodes = new ArrayList<>();

  /** Its file is in {@code directory}. */
  public LoneCluster(Path directory, int partitions) throws IOException {
    xml = xml(directory.resolve("cluster.xml"), "127.0.0.1");
    this.partitions = partitions;
  }

  /** The project's file, with ports of its own. */
  public static Path xml(Path file, String address) throws IOException {
    String port = Integer.toString(Ports.free());
    String own =
        Files.readString(StampedeProcess.root().resolve("cluster.xml"))
            .replace("<cluster-name>stampede<", "<cluster-name>test-" + port + "<")
            .replace("port-count=\"20\">5701<", "port-count=\"100\">" + port + "<")
            .replace("<member>127.0.0.1<", "<member>" + address + ":" + port + "<")
            .replace("<interface>127.0.0.1<", "<interface>" + address + "<");
    if (own.split(port).length != 4) {
      throw new AssertionError("not the file that this was written for: " + own);
    }
    return Files.writeString(file, own);
  }

  /** Back when it is a member. */
  public Cluster join(String role, String name) throws TimeoutException {
    Cluster node = Cluster.join(xml, role, name, partitions).await(60, TimeUnit.SECONDS);
    nodes.add(node);
    return node;
  }

  @Override
  public void close() throws TimeoutException {
    for (Cluster node : nodes) {
      node.vertx().close().await(30, TimeUnit.SECONDS);
    }
  }
}
