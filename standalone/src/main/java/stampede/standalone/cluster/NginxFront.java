package stampede.standalone.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stampede.standalone.EnvironmentFault;
import stampede.standalone.KeptServer;
import stampede.standalone.ServerProcess;

/**
 * An Nginx before the edges of a local cluster, with the shipped {@code conf/nginx.conf} on other
 * ports.
 *
 * @param url where shoppers go
 */
record NginxFront(String url, KeptServer process) {
  static final String VARIABLE = "STAMPEDE_NGINX";
  private static final Duration READY_BOUND = Duration.ofSeconds(20);
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  /**
   * The program named in the environment, else an installed one.
   *
   * @throws EnvironmentFault if what is named is no program
   */
  static Optional<Path> program(Map<String, String> environment) {
    String given = environment.getOrDefault(VARIABLE, "");
    if (given.isEmpty()) {
      return ServerProcess.installed("nginx", "/usr/sbin", "/usr/local/sbin");
    }
    Path program = Path.of(given).toAbsolutePath();
    if (!program.toFile().canExecute() || program.toFile().isDirectory()) {
      throw new EnvironmentFault(
          VARIABLE,
          given,
          "an nginx program, or nothing: then one on the PATH is used if there is");
    }
    return Optional.of(program);
  }

  /** Starts it; it may not answer yet. */
  static NginxFront start(
      Path program, Path shipped, Path data, String host, int port, List<ClusterNode> edges) {
    Path directory = ServerProcess.privateDirectory(data.resolve("nginx"));
    Path conf = directory.resolve("nginx.conf");
    List<String> addresses =
        edges.stream().map(edge -> edge.httpUrl().replace("http://", "")).toList();
    NodeFiles.write(
        conf, NginxConf.local(NodeFiles.read(shipped), directory, host + ":" + port, addresses));
    List<String> line =
        List.of(
            program.toString(),
            "-p",
            directory.toString(),
            "-e",
            "stderr",
            "-c",
            conf.toString(),
            "-g",
            "daemon off;");
    KeptServer process =
        new KeptServer(
            "nginx",
            ServerProcess.start("nginx", directory, STOP_GRACE, line),
            () -> ServerProcess.start("nginx", directory, STOP_GRACE, line),
            new PortProbe(port),
            READY_BOUND);
    return new NginxFront("http://" + host + ":" + port, process);
  }
}
