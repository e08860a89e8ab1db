package stampede.standalone;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import stampede.edge.EdgeConfig;
import stampede.edge.EdgeNode;
import stampede.edge.EdgeVerticle;
import stampede.edge.management.Member;
import stampede.node.AlarmNews;
import stampede.node.ConfigFault;
import stampede.node.ConfigReader;
import stampede.node.Vitals;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.persist.PersistConfig;
import stampede.persist.PersistNode;
import stampede.persist.PersistVerticle;
import stampede.protocol.InvalidField;
import stampede.sale.Rehearsal;
import stampede.sale.SaleConfig;
import stampede.sale.SaleNode;
import stampede.sale.SaleVerticle;
import stampede.sale.journal.RedisJournal;

/**
 * All verticles in one JVM on an event bus of its own: no Hazelcast, the same code and the same way
 * through journal and drain as in a cluster. Blocks its caller; every wait is bounded.
 */
final class OneProcess implements AutoCloseable {
  private static final long START_SECONDS_MAX = 30;
  private static final long STOP_SECONDS_MAX = 20;
  private static final String HOST = "127.0.0.1";
  private static final int HTTP_PORT = 8080;
  private static final int MANAGEMENT_PORT = 8081;

  private final Vertx vertx;
  private final EdgeVerticle edge;

  private OneProcess(Vertx vertx, EdgeVerticle edge) {
    this.vertx = vertx;
    this.edge = edge;
  }

  /**
   * Starts persist, sale and edge and waits until every partition is served.
   *
   * @param environment settings and secrets; what is not in it has the nodes' defaults
   * @throws EnvironmentFault if a setting can't be used or a port is taken
   */
  static OneProcess start(Stores stores, Map<String, String> environment, boolean devLogin) {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("stampede.redisUrl", stores.redisUrl());
    own.put("stampede.mysqlUrl", stores.mysqlUrl());
    own.put("stampede.devLogin", Boolean.toString(devLogin));
    String httpHost = environment.getOrDefault("STAMPEDE_HTTP_HOST", HOST);
    own.put("stampede.httpHost", httpHost);
    own.put(
        "stampede.httpPort",
        Integer.toString(Ports.choose(environment, "STAMPEDE_HTTP_PORT", httpHost, HTTP_PORT)));
    String managementHost = environment.getOrDefault("STAMPEDE_MANAGEMENT_HOST", HOST);
    own.put(
        "stampede.managementPort",
        Integer.toString(
            Ports.choose(
                environment, "STAMPEDE_MANAGEMENT_PORT", managementHost, MANAGEMENT_PORT)));
    ConfigReader reader = new ConfigReader(environment, own);
    Vertx vertx = Vertx.vertx(options());
    try {
      PersistConfig persist = reader.read(PersistConfig.class, PersistNode.DEFAULTS, null);
      SaleConfig sale = reader.read(SaleConfig.class, SaleNode.DEFAULTS, null);
      requireDurable(vertx, sale);
      if (sale.rehearse()) {
        Rehearsal.play();
      }
      EdgeConfig edgeConfig = reader.read(EdgeConfig.class, EdgeNode.DEFAULTS, null);
      List<Member> members =
          List.of(
              member(edgeConfig.node(), "edge"),
              member(sale.node(), "sale"),
              member(persist.node(), "persist"));
      AlarmNews.tell(vertx, edgeConfig.node());
      Vitals vitals = new Vitals();
      EdgeVerticle edge = new EdgeVerticle(edgeConfig, () -> members, vitals);
      await(
          vertx
              .deployVerticle(new PersistVerticle(persist, vitals))
              .compose(deployed -> vertx.deployVerticle(new SaleVerticle(sale, vitals)))
              .compose(deployed -> vertx.deployVerticle(edge)));
      OneProcess process = new OneProcess(vertx, edge);
      process.awaitReady();
      edge.rehearse();
      return process;
    } catch (ConfigFault | InvalidField e) {
      vertx.close();
      throw new EnvironmentFault("configuration", e.getMessage(), "settings as in conf/");
    } catch (RuntimeException e) {
      vertx.close();
      throw e;
    }
  }

  private static Member member(String name, String kind) {
    return new Member(name, kind, ProcessHandle.current().pid(), "");
  }

  /**
   * Without a directory for files from the class path: nothing is served from there, and a process
   * stopped while it starts would leave it behind.
   */
  private static VertxOptions options() {
    FileSystemOptions files =
        new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false);
    return new VertxOptions().setPreferNativeTransport(true).setFileSystemOptions(files);
  }

  /**
   * A Redis that may forget what it acknowledged is told of at once, instead of waiting in vain for
   * owners. One that can't be asked now is waited for.
   */
  private static void requireDurable(Vertx vertx, SaleConfig sale) {
    RedisUrl url = RedisUrl.parse("STAMPEDE_REDIS_URL", sale.redisUrl());
    Promise<List<String>> problems = Promise.promise();
    vertx.runOnContext(
        start -> {
          RedisJournal journal =
              new RedisJournal(
                  new RedisLink(vertx, url, sale.journalTimeoutMs(), RedisLink.CALLS_MAX_DEFAULT),
                  0);
          journal.checkSettings(
              (settings, failure) -> {
                journal.close();
                problems.complete(failure == null ? settings.problems() : List.of());
              });
        });
    List<String> found = await(problems.future());
    if (!found.isEmpty()) {
      throw new EnvironmentFault(
          "STAMPEDE_REDIS_URL",
          "settings that can lose what was acknowledged (" + String.join("; ", found) + ")",
          "a Redis with the settings named");
    }
  }

  Vertx vertx() {
    return vertx;
  }

  String httpUrl() {
    return "http://" + HOST + ":" + edge.httpPort();
  }

  String managementUrl() {
    return "http://" + HOST + ":" + edge.managementPort();
  }

  /** Hands over, flushes, closes: bounded by {@value #STOP_SECONDS_MAX} s. */
  @Override
  public void close() {
    await(vertx.close(), STOP_SECONDS_MAX);
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create(managementUrl() + "/health/ready"))
            .timeout(Duration.ofSeconds(2))
            .build();
    while (!isGood(client, ready)) {
      if (System.nanoTime() > deadline) {
        throw new EnvironmentFault(
            "start",
            "partitions without an owner after " + START_SECONDS_MAX + " s",
            "a Redis and a MySQL that can be reached; see the log");
      }
      sleep(50);
    }
  }

  private static boolean isGood(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static <T> T await(Future<T> future) {
    return await(future, START_SECONDS_MAX);
  }

  static <T> T await(Future<T> future, long secondsMax) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(secondsMax, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no end after " + secondsMax + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
