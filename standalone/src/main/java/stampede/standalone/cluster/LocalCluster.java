package stampede.standalone.cluster;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.standalone.DataDirectory;
import stampede.standalone.EnvironmentFault;
import stampede.standalone.KeptServer;
import stampede.standalone.Ports;
import stampede.standalone.ServerProcess;
import stampede.standalone.StoreUrls;
import stampede.standalone.Stores;

/**
 * A real cluster on this machine: each node a JVM from its fat jar, one Redis, one MariaDB and, if
 * asked for and there is one, an Nginx. Everything ends with this JVM, {@code kill -9} included.
 *
 * <p>Processes have names: {@code edge-1}, {@code sale-1}, {@code persist-1} …, {@code redis},
 * {@code mysql}, {@code nginx}. Nothing that dies is started again by itself; it is told.
 * Thread-safe; methods block, each with a bound.
 */
public final class LocalCluster implements AutoCloseable {
  private static final Duration JOIN_BOUND = Duration.ofSeconds(60);
  private static final String LOCAL = "127.0.0.1";

  private final ClusterPlan plan;
  private final Consumer<String> told;
  private final NodeNet net;
  private final DataDirectory directory;
  private final Map<String, String> environment;
  private final BuildTree build;
  private final Optional<Path> front;
  private final ArchiveMaker archives;
  private final DeathWatch watch;
  private final Map<String, ClusterNode> nodes = new LinkedHashMap<>();
  private @Nullable Stores stores;
  private @Nullable NodeLauncher launcher;
  private @Nullable NginxFront nginx;
  private boolean closed;

  private LocalCluster(
      ClusterPlan plan, Consumer<String> told, NodeNet net, DataDirectory directory) {
    this.plan = plan;
    this.told = told;
    this.net = net;
    this.directory = directory;
    this.environment = new HashMap<>(plan.environment());
    this.environment.putAll(directory.secrets(plan.environment(), told));
    this.build = BuildTree.find();
    this.front = plan.front() ? NginxFront.program(plan.environment()) : Optional.empty();
    this.archives = new ArchiveMaker(directory.path().resolve("cds"), NodeLauncher.JAVA, told);
    this.watch = new DeathWatch(told);
  }

  /**
   * Takes the data directory; nothing runs yet.
   *
   * @param told a line for each step and each death; called by several threads
   * @throws EnvironmentFault if the directory is in use or can't be written
   */
  public static LocalCluster open(ClusterPlan plan, Consumer<String> told) {
    return open(plan, told, NodeNet.LOOPBACK);
  }

  /** The same with its nodes somewhere else than on the loopback address. */
  public static LocalCluster open(ClusterPlan plan, Consumer<String> told, NodeNet net) {
    DataDirectory directory = DataDirectory.open(plan.data());
    try {
      return new LocalCluster(plan, told, net, directory);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /**
   * Starts everything planned; back when every node is ready.
   *
   * @throws EnvironmentFault if something does not start; what started is left for {@link #close}
   */
  public void start() {
    startStores();
    List<ClusterNode> first = List.of(launch(NodeRole.SALE, 1));
    awaitMember(first.get(0)); // a cluster to join: many first members would make many clusters
    List<ClusterNode> all = new ArrayList<>(first);
    for (NodeRole role : List.of(NodeRole.PERSIST, NodeRole.SALE, NodeRole.EDGE)) {
      for (int i = role == NodeRole.SALE ? 2 : 1; i <= plan.count(role); i++) {
        all.add(launch(role, i));
      }
    }
    awaitReady(all);
    front.ifPresent(this::startNginx);
    archives.begin();
  }

  /**
   * False for up to a minute after the first start of a new build: class archives are made, which
   * takes what the processors have left.
   */
  public boolean isAtRest() {
    return archives.isDone();
  }

  /** Starts one node more; back when it is ready. */
  public ClusterNode add(NodeRole role) {
    ClusterNode node = launch(role, nodes(role).size() + 1);
    awaitReady(List.of(node));
    return node;
  }

  /** In the order they were started in; also those that do not run now. */
  public synchronized List<ClusterNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /** {@code edge-1}, {@code edge-2}, … */
  public List<ClusterNode> nodes(NodeRole role) {
    return nodes().stream().filter(node -> node.role() == role).toList();
  }

  /**
   * @throws IllegalArgumentException if there never was one
   */
  public synchronized ClusterNode node(String name) {
    ClusterNode node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node " + name + "; there are " + nodes.keySet());
    }
    return node;
  }

  /** None if its URL was given. */
  public Optional<KeptServer> redis() {
    return stores().redis();
  }

  /** None if its URL was given. */
  public Optional<KeptServer> mysql() {
    return stores().mysql();
  }

  /** With its password. */
  public String redisUrl() {
    return stores().redisUrl();
  }

  /** With user, password and database. */
  public String mysqlUrl() {
    return stores().mysqlUrl();
  }

  /** Those the nodes were given, by their names in the environment. */
  public String secret(String name) {
    return environment.getOrDefault(name, "");
  }

  /** Where shoppers go: Nginx, or the first edge. */
  public synchronized String url() {
    return nginx == null ? node(NodeRole.EDGE.nodeName(1)).httpUrl() : nginx.url();
  }

  /** SIGKILL; back when the process is gone. */
  public void kill9(String name) {
    KeptServer process = process(name);
    watch.expect(process);
    process.kill9();
  }

  /**
   * SIGTERM, and SIGKILL after its grace of 25 s or less; back when the process is gone.
   *
   * @return its exit code; 128 + number after a signal it did not handle
   */
  public int terminate(String name) {
    KeptServer process = process(name);
    watch.expect(process);
    return process.terminate();
  }

  /** SIGSTOP: the process keeps its ports and connections and does nothing until {@link #cont}. */
  public void stop(String name) {
    process(name).freeze();
  }

  /** SIGCONT. */
  public void cont(String name) {
    process(name).thaw();
  }

  /** Starts a process that ended once more, on the same ports and files; back when it is ready. */
  public void start(String name) {
    KeptServer process = process(name);
    process.restart();
    watch.add(process);
  }

  /** By its name. */
  public KeptServer process(String name) {
    return switch (name) {
      case "redis" -> own(name, redis());
      case "mysql" -> own(name, mysql());
      case "nginx" -> own(name, Optional.ofNullable(nginx()).map(NginxFront::process));
      default -> node(name).process();
    };
  }

  /** All members with their pids and URLs, passwords among them. */
  public JsonObject toJson() {
    NginxFront front = nginx();
    return new JsonObject()
        .put("url", url())
        .put("edges", members(NodeRole.EDGE))
        .put("sales", members(NodeRole.SALE))
        .put("persists", members(NodeRole.PERSIST))
        .put("redis", store(redis(), redisUrl()))
        .put("mysql", store(mysql(), mysqlUrl()))
        .put(
            "nginx",
            front == null
                ? null
                : new JsonObject().put("pid", front.process().pid()).put("url", front.url()));
  }

  /** Stops everything: Nginx, edges, sale nodes, persist nodes, stores; at most about 2 minutes. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true; // nothing is launched from here on
    }
    watch.close();
    archives.close();
    if (nginx != null) {
      nginx.process().stop();
    }
    for (NodeRole role : NodeRole.values()) {
      together(nodes(role), node -> node.process().stop());
    }
    if (stores != null) {
      stores.close();
    }
    directory.close();
  }

  /** Under the lock: a close meanwhile waits, and finds them. */
  private synchronized void startStores() {
    requireOpen();
    stopLeftOvers();
    Stores opened = Stores.openOnce(directory.path(), environment);
    stores = opened;
    opened.redis().ifPresent(watch::add);
    opened.mysql().ifPresent(watch::add);
    Map<String, String> all = new HashMap<>(environment);
    all.put(StoreUrls.REDIS, opened.redisUrl());
    all.put(StoreUrls.MYSQL, opened.mysqlUrl());
    launcher = new NodeLauncher(build, archives, directory.path(), plan.devLogin(), all, net);
    opened.origins().forEach(told);
  }

  /** Nodes of a killed cluster end with it, unless their supervisors were killed too. */
  private void stopLeftOvers() {
    Path nodes = directory.path().resolve("nodes");
    if (!Files.isDirectory(nodes)) {
      return;
    }
    try (var each = Files.list(nodes)) {
      for (Path node : each.filter(Files::isDirectory).toList()) {
        ServerProcess.stopLeftOver(node.toRealPath(), "java", NodeLauncher.STOP_GRACE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized ClusterNode launch(NodeRole role, int number) {
    requireOpen();
    String name = role.nodeName(number);
    ClusterNode node = launcher().launch(place(role, number, name));
    nodes.put(name, node);
    watch.add(node.process());
    return node;
  }

  private NodePlace place(NodeRole role, int number, String name) {
    boolean first = role == NodeRole.EDGE && number == 1;
    String host = net.host(name);
    boolean faces = role == NodeRole.EDGE && front.isEmpty();
    return new NodePlace(
        name,
        role,
        host,
        faces && host.equals(LOCAL) ? plan.host() : host,
        role != NodeRole.EDGE ? 0 : first && faces ? chosen(plan.publicPort()) : Ports.free(),
        first ? chosen(plan.managementPort()) : Ports.free(),
        Ports.free(),
        directory.path().resolve("nodes").resolve(name));
  }

  private static int chosen(int port) {
    return port == 0 ? Ports.free() : port;
  }

  private void awaitMember(ClusterNode node) {
    PortProbe listens = new PortProbe(node.host(), node.clusterPort());
    node.process().awaitAnswer(listens, JOIN_BOUND);
  }

  private void awaitReady(Collection<ClusterNode> waiting) {
    together(
        waiting,
        node -> {
          node.process().awaitReady();
          told.accept(node.name() + " is ready, pid " + node.pid());
        });
  }

  private void startNginx(Path program) {
    KeptServer process;
    synchronized (this) {
      requireOpen();
      int port = chosen(plan.publicPort());
      Path shipped = build.nginxConf();
      nginx =
          NginxFront.start(
              program, shipped, directory.path(), plan.host(), port, nodes(NodeRole.EDGE));
      process = nginx.process();
      watch.add(process);
    }
    process.awaitReady();
    told.accept("nginx is ready, pid " + process.pid());
  }

  private static void together(Collection<ClusterNode> nodes, Consumer<ClusterNode> task) {
    List<CompletableFuture<Void>> running =
        nodes.stream()
            .map(
                node ->
                    CompletableFuture.runAsync(
                        () -> task.accept(node),
                        run -> new Thread(run, "cluster-" + node.name()).start()))
            .toList();
    try {
      CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static KeptServer own(String name, Optional<KeptServer> process) {
    return process.orElseThrow(
        () -> new IllegalArgumentException(name + " is not a process of this cluster"));
  }

  private synchronized @Nullable NginxFront nginx() {
    return nginx;
  }

  private synchronized Stores stores() {
    if (stores == null) {
      throw new IllegalStateException("not started");
    }
    return stores;
  }

  private synchronized NodeLauncher launcher() {
    if (launcher == null) {
      throw new IllegalStateException("not started");
    }
    return launcher;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("stopped while starting");
    }
  }

  private JsonArray members(NodeRole role) {
    JsonArray members = new JsonArray();
    for (ClusterNode node : nodes(role)) {
      JsonObject member = new JsonObject().put("name", node.name()).put("pid", node.pid());
      if (role == NodeRole.EDGE) {
        member.put("http", node.httpUrl());
      }
      members.add(member.put("management", node.managementUrl()));
    }
    return members;
  }

  private static JsonObject store(Optional<KeptServer> process, String url) {
    return new JsonObject().put("pid", process.map(KeptServer::pid).orElse(null)).put("url", url);
  }
}
