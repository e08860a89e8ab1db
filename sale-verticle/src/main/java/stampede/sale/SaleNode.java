package stampede.sale;

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
 * A sale node as a process of its own: {@code java -jar sale-verticle.jar -conf conf/sale.conf}.
 */
public final class SaleNode {
  public static final String DEFAULTS = "sale-defaults.conf";
  private static final Logger log = LoggerFactory.getLogger(SaleNode.class);

  private SaleNode() {}

  public static void main(String[] args) {
    NodeProcess.run("sale-verticle", args, SaleNode::start);
  }

  private static Vertx start(@Nullable Path file) throws Exception {
    SaleConfig config = ConfigReader.ofProcess().read(SaleConfig.class, DEFAULTS, file);
    log.info("sale node {} starts with\n{}", config.node(), ConfigReader.describe(config));
    if (config.rehearse()) {
      Rehearsal.play();
    }
    Cluster cluster =
        NodeProcess.await(
            Cluster.join(
                Path.of(config.clusterConfig()), "sale", config.node(), config.partitions()));
    AlarmNews.tell(cluster.vertx(), config.node());
    Candidates line = new MemberLine(() -> cluster.names("sale"));
    Vitals vitals = new Vitals();
    NodeProcess.await(
        NodePort.open(cluster.vertx(), config.managementHost(), config.managementPort(), vitals));
    vitals.check("cluster", cluster::finding);
    SaleVerticle verticle = new SaleVerticle(config, line, () -> cluster.names("edge"), vitals);
    NodeProcess.await(cluster.vertx().deployVerticle(verticle));
    log.info("sale node {} serves", config.node());
    return cluster.vertx();
  }
}
