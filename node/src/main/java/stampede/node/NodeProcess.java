package stampede.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.InvalidField;

/**
 * The life of a node's JVM: read the config, start, wait for SIGTERM or Ctrl-C, stop in order.
 *
 * <pre>
 *   SIGTERM ─► verticles stop, each in its own order (≤ 14 s) ─► sockets of the bus close ─► the cluster is left (≤ 5 s)
 * </pre>
 *
 * Exit code 0 = stopped in order, 143 (130 after Ctrl-C) = told to stop, and not everything ended
 * in time, or it did not serve yet; 2 = wrong use or setting, 1 = could not start.
 */
public final class NodeProcess {
  private static final Logger log = LoggerFactory.getLogger(NodeProcess.class);
  private static final long START_SECONDS_MAX = 60;

  /** What the slowest verticle needs to stop in order must fit: then the process is cut off. */
  public static final long UNDEPLOY_SECONDS_MAX = 14;

  private static final long LEAVE_SECONDS_MAX = 5;

  /** Starts a node on the calling thread and returns its Vert.x when it serves. */
  @FunctionalInterface
  public interface Starter {
    Vertx start(@Nullable Path config) throws Exception;
  }

  private NodeProcess() {}

  /**
   * The main of a node.
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
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(jar, vertx), "stop"));
    } catch (ConfigFault | InvalidField e) {
      System.err.println(jar + ": " + e.getMessage());
      System.exit(2);
    } catch (TimeoutException e) {
      Alarms.ofProcess()
          .raise("node.start-slow", jar + " did not start within " + START_SECONDS_MAX + " s");
      System.exit(1);
    } catch (Exception e) {
      log.error("{} could not start", jar, e);
      System.exit(1);
    }
  }

  /** Waits for {@code future}, bounded. */
  public static <T> T await(Future<T> future) throws Exception {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** The verticles first, while bus and cluster are still there for what they have to say. */
  private static void stop(String jar, Vertx vertx) {
    long beganNanos = System.nanoTime();
    log.info("{} stops", jar);
    boolean orderly = ended("the verticles", undeployAll(vertx), UNDEPLOY_SECONDS_MAX);
    orderly &= ended("bus and cluster", vertx.close(), LEAVE_SECONDS_MAX);
    if (orderly) {
      log.info(
          "{} stopped in order after {} ms", jar, (System.nanoTime() - beganNanos) / 1_000_000);
      Runtime.getRuntime().halt(0); // left to itself the JVM reports the signal, 143
    }
  }

  /** One after the other: some are deployed by others and go with them, and none may go twice. */
  static Future<Void> undeployAll(Vertx vertx) {
    Optional<String> next = vertx.deploymentIDs().stream().findAny();
    return next.isEmpty()
        ? Future.succeededFuture()
        : vertx.undeploy(next.get()).compose(undeployed -> undeployAll(vertx));
  }

  private static boolean ended(String what, Future<?> stopping, long secondsMax) {
    try {
      stopping.toCompletionStage().toCompletableFuture().get(secondsMax, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      Alarms.ofProcess().raise("node.stop-slow", what + " not stopped within " + secondsMax + " s");
    } catch (ExecutionException e) {
      Alarms.ofProcess().raise("node.stop-failed", what, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
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
