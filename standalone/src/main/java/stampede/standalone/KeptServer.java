package stampede.standalone;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.Alarms;

/**
 * A child server that can be started again, on the same port and files, when it dies by itself:
 * nobody looks after a small shop at night. Thread-safe; methods block.
 */
final class KeptServer {
  /** A server that lived this long did not die of how it was started. */
  private static final Duration STABLE = Duration.ofSeconds(10);

  private static final long BACK_OFF_MS_MIN = 1_000;
  private static final long BACK_OFF_MS_MAX = 30_000;
  private static final long POLL_MS = 50;
  private static final Logger LOG = LoggerFactory.getLogger(KeptServer.class);

  private final String name;
  private final Supplier<ServerProcess> launch;
  private final BooleanSupplier answers;
  private final Duration readyBound;
  private ServerProcess process;
  private long startedNanos = System.nanoTime();
  private int quickDeaths;
  private boolean stopping;

  /**
   * @param process runs already
   * @param launch starts it again; does not wait until it answers
   * @param readyBound from the start to its first answer
   */
  KeptServer(
      String name,
      ServerProcess process,
      Supplier<ServerProcess> launch,
      BooleanSupplier answers,
      Duration readyBound) {
    this.name = name;
    this.process = process;
    this.launch = launch;
    this.answers = answers;
    this.readyBound = readyBound;
  }

  /** Of the server that runs now, or ran last. */
  synchronized long pid() {
    return process.pid();
  }

  /**
   * From now on, until {@link #stop}: starts it again at once when it has died, later and later (1,
   * 2, 4 … 30 s) while it does not stay. Each death is an alarm in the log.
   */
  void keepAlive() {
    Thread keeper = new Thread(this::keep, "keeper of " + name);
    keeper.setDaemon(true);
    keeper.start();
  }

  /** Stops it for good, also one that is just being started again. */
  void stop() {
    ServerProcess last;
    synchronized (this) {
      stopping = true;
      notifyAll();
      last = process;
    }
    last.stop();
  }

  private void keep() {
    try {
      while (awaitDeath() && awaitTurn()) {
        startAgain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False if it is stopped on purpose. */
  private synchronized boolean awaitDeath() throws InterruptedException {
    while (!stopping && process.isAlive()) {
      wait(POLL_MS);
    }
    return !stopping;
  }

  /** False if it is stopped meanwhile. */
  private synchronized boolean awaitTurn() throws InterruptedException {
    boolean quick = System.nanoTime() - startedNanos < STABLE.toNanos();
    quickDeaths = quick ? quickDeaths + 1 : 0;
    long delayMs =
        quickDeaths == 0
            ? 0
            : Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN << Math.min(quickDeaths - 1, 10));
    Alarms.ofProcess()
        .raise(
            "server.died",
            process.ended().getMessage() + "; it is started again in " + delayMs + " ms");
    long end = System.nanoTime() + delayMs * 1_000_000;
    while (!stopping && System.nanoTime() < end) {
      wait(POLL_MS);
    }
    return !stopping;
  }

  private void startAgain() {
    long begin = System.nanoTime();
    try {
      ServerProcess next = launched();
      if (next.awaitReady(answers, readyBound)) {
        LOG.warn("server.back {} after {} ms", name, (System.nanoTime() - begin) / 1_000_000);
      }
    } catch (EnvironmentFault e) {
      Alarms.ofProcess().raise("server.start-failed", e.getMessage());
    }
  }

  /** Under the lock, so that a stop finds either the old one or the new one. */
  private synchronized ServerProcess launched() {
    startedNanos = System.nanoTime();
    if (!stopping) {
      process = launch.get();
    }
    return process;
  }
}
