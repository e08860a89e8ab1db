package stampede.standalone.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BooleanSupplier;
import stampede.standalone.EnvironmentFault;
import stampede.standalone.KeptServer;
import stampede.standalone.ServerProcess;
import stampede.standalone.StoreUrls;

/** Starts the JVMs of one cluster's nodes. Thread-safe; blocks until a JVM is there, not longer. */
final class NodeLauncher {
  static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  /** A node stops in order within 20 s. */
  static final Duration STOP_GRACE = Duration.ofSeconds(25);

  private static final Duration READY_BOUND = Duration.ofSeconds(120);
  private static final String MYSQL_READ = "STAMPEDE_MYSQL_READ_URL";
  private static final Set<String> OWN =
      Set.of(
          "STAMPEDE_NODE",
          "STAMPEDE_HTTP_HOST",
          "STAMPEDE_HTTP_PORT",
          "STAMPEDE_DEV_LOGIN",
          "STAMPEDE_CLUSTER_CONFIG",
          StoreUrls.REDIS,
          StoreUrls.MYSQL,
          MYSQL_READ);
  private static final List<String> SECRETS =
      List.of("STAMPEDE_JWT_SECRET", "STAMPEDE_ADMIN_SECRET", "STAMPEDE_PAYMENT_SECRET");

  private static final List<String> WEBHOOK =
      List.of("STAMPEDE_WEBHOOK_URL", "STAMPEDE_WEBHOOK_SECRET");

  private final BuildTree build;
  private final ArchiveMaker archives;
  private final Path data;
  private final boolean devLogin;
  private final Map<String, String> environment;
  private final NodeNet net;
  private final Set<String> members = new ConcurrentSkipListSet<>();

  /**
   * @param net where they live
   * @param environment settings, secrets and URLs of the stores
   */
  NodeLauncher(
      BuildTree build,
      ArchiveMaker archives,
      Path data,
      boolean devLogin,
      Map<String, String> environment,
      NodeNet net) {
    this.build = build;
    this.archives = archives;
    this.data = data;
    this.devLogin = devLogin;
    this.environment = Map.copyOf(environment);
    this.net = net;
  }

  /** Starts the JVM; its node is not ready yet. */
  ClusterNode launch(NodePlace place) {
    members.add(place.host() + ":" + place.clusterPort());
    ServerProcess.privateDirectory(place.directory());
    BooleanSupplier[] ready = new BooleanSupplier[1];
    KeptServer process =
        new KeptServer(
            place.name(),
            spawn(place, ready),
            () -> spawn(place, ready),
            () -> ready[0].getAsBoolean(),
            READY_BOUND);
    return new ClusterNode(place, process);
  }

  private ServerProcess spawn(NodePlace place, BooleanSupplier[] ready) {
    Path directory = place.directory();
    NodeFiles.write(directory.resolve("node.conf"), NodeFiles.conf(place, devLogin));
    NodeFiles.write(directory.resolve("cluster.xml"), clusterXml(place));
    ready[0] = new HealthProbe(place.host(), place.managementPort());
    return ServerProcess.start(
        place.name(), directory, STOP_GRACE, environmentOf(place), command(place));
  }

  private String clusterXml(NodePlace place) {
    String name = "stampede-" + Integer.toHexString(data.toString().hashCode());
    return NodeFiles.clusterXml(
        NodeFiles.read(build.clusterXml()), name, place.host(), place.clusterPort(), members);
  }

  private List<String> command(NodePlace place) {
    Path jar = build.jar(place.role());
    List<String> line = new ArrayList<>(net.prefix(place.name()));
    line.add(JAVA.toString());
    ClassArchive archive = ClassArchive.of(jar, data.resolve("cds"));
    line.addAll(archives.arguments(archive, place.directory().resolve("classes.txt")));
    line.addAll(NodeJvm.options(place.role(), Runtime.getRuntime().availableProcessors()));
    line.addAll(
        List.of(
            "-Djava.net.preferIPv4Stack=true",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Djava.io.tmpdir=" + emptied(place.directory().resolve("tmp")),
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
    line.addAll(List.of("-jar", jar.toString()));
    line.addAll(List.of("-conf", place.directory().resolve("node.conf").toString()));
    return line;
  }

  private Map<String, String> environmentOf(NodePlace place) {
    Map<String, String> own = new HashMap<>(environment);
    OWN.forEach(own::remove);
    if (place.role() != NodeRole.EDGE) {
      SECRETS.forEach(own::remove);
      copy(List.of(StoreUrls.REDIS), own);
      own.computeIfPresent(StoreUrls.REDIS, (name, url) -> net.redisUrl(place.name(), url));
    }
    if (place.role() == NodeRole.PERSIST) {
      copy(List.of(StoreUrls.MYSQL, MYSQL_READ), own);
      own.computeIfPresent(StoreUrls.MYSQL, (name, url) -> net.mysqlUrl(place.name(), url));
    } else {
      WEBHOOK.forEach(own::remove);
    }
    own.put("STAMPEDE_MANAGEMENT_HOST", place.host());
    own.put("STAMPEDE_MANAGEMENT_PORT", Integer.toString(place.managementPort()));
    return own;
  }

  private void copy(Collection<String> names, Map<String, String> own) {
    names.forEach(name -> own.put(name, environment.getOrDefault(name, "")));
  }

  /** What a killed JVM left there is of no use to anybody. */
  private static Path emptied(Path directory) {
    try {
      if (Files.isDirectory(directory)) {
        try (var files = Files.walk(directory)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.deleteIfExists(file);
          }
        }
      }
      return ServerProcess.privateDirectory(directory);
    } catch (IOException e) {
      throw new EnvironmentFault(
          directory.toString(), "that it cannot be emptied: " + e.getMessage(), "own files", e);
    } catch (UncheckedIOException e) {
      throw new EnvironmentFault(
          directory.toString(), "that it cannot be read: " + e.getMessage(), "own files", e);
    }
  }
}
