package stampede.standalone;

import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stampede.standalone.check.CheckLine;
import stampede.standalone.check.Doctor;

/** {@code stampede check}: is this machine, and what it is to work with, fit for a shop. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at Java, ports, open files, Redis, MySQL, clocks, the cluster and the front, and changes"
          + " nothing. A line each: ok, warn, RED with what was found, what is wanted and how to mend it,"
          + " or skipped with how to have it checked.",
      "Takes the settings of nodes: STAMPEDE_REDIS_URL, STAMPEDE_MYSQL_URL, STAMPEDE_HTTP_PORT, … from the"
          + " environment, else from --conf."
    },
    exitCodeList = {"0:nothing is red", "1:something is red", "2:wrong use"})
final class Check implements Callable<Integer> {
  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description = "settings as in conf/; the environment overrides them")
  private @Nullable Path conf;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "take the stores of a shop that runs on this directory, where no url is given")
  private @Nullable Path data;

  @Option(
      names = "--cluster",
      paramLabel = "FILE",
      description = "join the cluster of this cluster.xml for a moment")
  private @Nullable Path cluster;

  @Option(names = "--url", description = "the shop's public address, http://… or https://…")
  private @Nullable URI url;

  @Override
  public Integer call() {
    if (url != null && (url.getHost() == null || !url.toString().matches("(?i)https?://.*"))) {
      throw new EnvironmentFault("--url", url.toString(), "http://host:port or https://host");
    }
    Vertx vertx = Vertx.vertx();
    try {
      List<CheckLine> lines =
          Doctor.examine(vertx, environment(), conf, url, line -> System.out.println(line));
      System.out.println(Doctor.summary(lines));
      boolean red = lines.stream().anyMatch(line -> line.level() == CheckLine.Level.RED);
      return red ? Stampede.BROKEN : Stampede.GOOD;
    } finally {
      OneProcess.await(vertx.close(), 10);
    }
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (data != null) {
      environment.putAll(StoreUrls.known(data, environment));
    }
    if (cluster != null) {
      environment.put("STAMPEDE_CLUSTER_CONFIG", cluster.toString());
    }
    return environment;
  }
}
