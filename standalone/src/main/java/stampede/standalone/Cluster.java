package stampede.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import stampede.protocol.InvalidField;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.ClusterPlan;
import stampede.standalone.cluster.LocalCluster;
import stampede.standalone.cluster.NodeRole;

/** {@code stampede cluster}: a real cluster on this machine. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    description =
        "Runs a real cluster on this machine until Ctrl-C or SIGTERM: a process for each node, a Redis, a MariaDB, and"
            + " Nginx in front when installed. A process that dies is reported, not restarted.",
    exitCodeList = {"0:stopped in order", "2:wrong use, or something of this machine is missing"})
final class Cluster implements Callable<Integer> {
  private static final String HOST = "127.0.0.1";

  @Option(names = "--edges", description = "(default: ${DEFAULT-VALUE})", defaultValue = "2")
  private int edges = 2;

  @Option(names = "--sales", description = "(default: ${DEFAULT-VALUE})", defaultValue = "3")
  private int sales = 3;

  @Option(names = "--persists", description = "(default: ${DEFAULT-VALUE})", defaultValue = "2")
  private int persists = 2;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "where everything is kept (default: ${DEFAULT-VALUE})",
      defaultValue = "data")
  private Path directory = Path.of("data");

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "written when all are ready: members, pids, urls with passwords (mode 600)")
  private @Nullable Path json;

  @Option(
      names = "--dev-login",
      description = "POST /dev/login gives anybody on this machine a shopper's token")
  private boolean devLogin;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    long begin = System.nanoTime();
    ClusterPlan plan = plan();
    try (Shutdown shutdown = new Shutdown()) {
      LocalCluster cluster =
          shutdown.closing(LocalCluster.open(plan, line -> System.out.println("  " + line)));
      forgetOld();
      cluster.start();
      printUrls(cluster);
      if (json != null) {
        write(json, cluster);
      }
      System.out.printf("ready after %.1f s; Ctrl-C stops it%n", (System.nanoTime() - begin) / 1e9);
      shutdown.awaitSignal(Stampede.GOOD);
    }
    return Stampede.GOOD;
  }

  private ClusterPlan plan() {
    Map<String, String> environment = System.getenv();
    String host = environment.getOrDefault("STAMPEDE_HTTP_HOST", HOST);
    int http = Ports.choose(environment, "STAMPEDE_HTTP_PORT", host, 8080);
    int management = Ports.choose(environment, "STAMPEDE_MANAGEMENT_PORT", HOST, 8081);
    try {
      return new ClusterPlan(
          directory, edges, sales, persists, devLogin, true, host, http, management, environment);
    } catch (InvalidField e) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--" + e.getMessage());
    }
  }

  /** Whoever waits for the file must not find that of an earlier run. */
  private void forgetOld() throws IOException {
    if (json == null) {
      return;
    }
    Path parent = json.toAbsolutePath().getParent();
    if (parent == null || !Files.isWritable(parent)) {
      throw new EnvironmentFault(
          "--json " + json, "no directory that can be written", "a file in one that can");
    }
    Files.deleteIfExists(json);
  }

  private static void write(Path file, LocalCluster cluster) throws IOException {
    Path target = file.toAbsolutePath();
    Credentials.writePrivate(target, cluster.toJson().encodePrettily() + "\n");
  }

  private void printUrls(LocalCluster cluster) {
    System.out.println("  shop       " + cluster.url());
    for (ClusterNode node : cluster.nodes(NodeRole.EDGE)) {
      System.out.printf(
          "  %-10s %s  management %s%n", node.name(), node.httpUrl(), node.managementUrl());
    }
    String first = cluster.nodes(NodeRole.EDGE).get(0).managementUrl();
    System.out.println(AdminToken.hint(first, directory));
  }
}
