package stampede.persist;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.AlarmNews;
import stampede.node.Cluster;
import stampede.node.ConfigReader;
import stampede.node.NodePort;
import stampede.node.NodeProcess;
import stampede.node.Vitals;

/**
 * A persist node as a process of its own: {@code java -jar persist-verticle.jar -conf
 * conf/persist.conf}.
 */
public final class PersistNode {
  public static final String DEFAULTS = "persist-defaults.conf";
  private static final Logger log = LoggerFactory.getLogger(PersistNode.class);

  private PersistNode() {}

  public static void main(String[] args) {
    NodeProcess.run("persist-verticle", args, PersistNode::start);
  }

  private static Vertx start(@Nullable Path file) throws Exception {
    PersistConfig config = ConfigReader.ofProcess().read(PersistConfig.class, DEFAULTS, file);
    log.info("persist node {} starts with\n{}", config.node(), ConfigReader.describe(config));
    if (config.rehearse()) {
      Rehearsal.play();
    }
    Cluster cluster =
        NodeProcess.await(
            Cluster.join(
                Path.of(config.clusterConfig()), "persist", config.node(), config.partitions()));
    AlarmNews.tell(cluster.vertx(), config.node());
    Vitals vitals = new Vitals();
    NodeProcess.await(
        NodePort.open(cluster.vertx(), config.managementHost(), config.managementPort(), vitals));
    vitals.check("cluster", cluster::finding);
    PersistVerticle verticle = new PersistVerticle(config, () -> cluster.names("persist"), vitals);
    NodeProcess.await(cluster.vertx().deployVerticle(verticle));
    log.info("persist node {} serves", config.node());
    return cluster.vertx();
  }
}
