package stampede.edge;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.management.Member;
import stampede.node.AlarmNews;
import stampede.node.Cluster;
import stampede.node.ConfigReader;
import stampede.node.NodeProcess;
import stampede.node.Vitals;

/**
 * An edge node as a process of its own: {@code java -jar edge-verticle.jar -conf conf/edge.conf}.
 */
public final class EdgeNode {
  public static final String DEFAULTS = "edge-defaults.conf";
  private static final Logger log = LoggerFactory.getLogger(EdgeNode.class);

  private EdgeNode() {}

  public static void main(String[] args) {
    NodeProcess.run("edge-verticle", args, EdgeNode::start);
  }

  private static Vertx start(@Nullable Path file) throws Exception {
    EdgeConfig config = ConfigReader.ofProcess().read(EdgeConfig.class, DEFAULTS, file);
    log.info("edge node {} starts with\n{}", config.node(), ConfigReader.describe(config));
    Cluster cluster =
        NodeProcess.await(
            Cluster.join(
                Path.of(config.clusterConfig()), "edge", config.node(), config.partitions()));
    AlarmNews.tell(cluster.vertx(), config.node());
    Vitals vitals = new Vitals();
    vitals.check("cluster", cluster::finding);
    EdgeVerticle edge = new EdgeVerticle(config, () -> members(cluster), vitals);
    NodeProcess.await(cluster.vertx().deployVerticle(edge));
    edge.rehearse();
    log.info("edge node {} serves on {}:{}", config.node(), config.httpHost(), config.httpPort());
    return cluster.vertx();
  }

  private static List<Member> members(Cluster cluster) {
    return cluster.nodes().stream()
        .map(node -> new Member(node.name(), node.role(), node.pid(), node.address()))
        .toList();
  }
}
