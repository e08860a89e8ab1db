package stampede.node;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of a node's JVM: read the config, start, wait for SIGTERM, stop in order. */
public final class NodeProcess {
  private static final Logger log = LoggerFactory.getLogger(NodeProcess.class);
  private static final long START_SECONDS_MAX = 60;
  private static final long STOP_SECONDS_MAX = 20;

  /** Starts a node on the calling thread and returns its Vert.x when it serves. */
  @FunctionalInterface
  public interface Starter {
    Vertx start(@Nullable Path config) throws Exception;
  }

  private NodeProcess() {}

  /**
   * The main of a node. Exit code 2 = wrong use or setting, 1 = could not start.
   *
   * @param jar how the jar is called, for the usage line
   */
  public static void run(String jar, String[] args, Starter starter) {
    if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
      System.out.println(usage(jar));
      return;
    }
    try {
      Vertx vertx = starter.start(configFile(jar, args));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(vertx), "stop"));
    } catch (ConfigFault e) {
      System.err.println(jar + ": " + e.getMessage());
      System.exit(2);
    } catch (Exception e) {
      log.error("{} could not start", jar, e);
      System.exit(1);
    }
  }

  /** Waits for {@code future}, bounded. */
  public static <T> T await(io.vertx.core.Future<T> future) throws Exception {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static void stop(Vertx vertx) {
    try {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      Alarms.ofProcess().raise("node.stop-slow", "not stopped within " + STOP_SECONDS_MAX + " s");
    } catch (Exception e) {
      Alarms.ofProcess().raise("node.stop-failed", "stopping went wrong", e);
    }
  }

  private static @Nullable Path configFile(String jar, String[] args) {
    if (args.length == 0) {
      return null;
    }
    if (args.length == 2 && args[0].equals("-conf")) {
      return Path.of(args[1]);
    }
    throw new ConfigFault("can't use " + String.join(" ", args) + "; " + usage(jar));
  }

  private static String usage(String jar) {
    return "usage: java -jar " + jar + ".jar [-conf FILE]";
  }
}
