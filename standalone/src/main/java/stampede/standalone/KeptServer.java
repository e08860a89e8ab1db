package stampede.standalone;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.Alarms;

/**
 * A child process that can be ended, frozen and started again, on the same port and files; after
 * {@link #keepAlive} it is started again whenever it dies by itself: nobody looks after a small
 * shop at night. Thread-safe; methods block, each with a bound.
 */
public final class KeptServer {
  /** A server that lived this long did not die of how it was started. */
  private static final Duration STABLE = Duration.ofSeconds(10);

  private static final long BACK_OFF_MS_MIN = 1_000;
  private static final long BACK_OFF_MS_MAX = 30_000;
  private static final long POLL_MS = 50;
  private static final int PORT_TRIES = 3;
  private static final Duration KILL_BOUND = Duration.ofSeconds(10);
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
  public KeptServer(
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

  /** A server, and the port it took. */
  record OnPort(KeptServer server, int port) {}

  /**
   * Launches it on a free port, or on another one if somebody else takes that; back when it
   * answers.
   *
   * @throws EnvironmentFault if it ends before, or neither ends nor answers within its bound
   */
  static OnPort onFreePort(
      String name, IntFunction<ServerProcess> launch, IntPredicate answers, Duration readyBound) {
    for (int i = 1; ; i++) {
      int port = Ports.free();
      ServerProcess process = launch.apply(port);
      BooleanSupplier ready = () -> answers.test(port);
      if (process.awaitReady(ready, readyBound)) {
        return new OnPort(
            new KeptServer(name, process, () -> launch.apply(port), ready, readyBound), port);
      }
      if (i == PORT_TRIES || !process.logTail().contains("Address already in use")) {
        throw process.ended();
      }
    }
  }

  public String name() {
    return name;
  }

  /** Of the server that runs now, or ran last. */
  public synchronized long pid() {
    return process.pid();
  }

  public synchronized boolean isAlive() {
    return process.isAlive();
  }

  /** How it ended and where its log is, in one line. */
  public synchronized String death() {
    return name + " (pid " + process.pid() + "): " + process.end();
  }

  /**
   * Waits until the server that runs now answers.
   *
   * @throws EnvironmentFault if it ends before, or neither ends nor answers within its bound
   */
  public void awaitReady() {
    awaitAnswer(answers, readyBound);
  }

  /** The same with another question and bound. */
  public void awaitAnswer(BooleanSupplier question, Duration bound) {
    ServerProcess now = process();
    if (!now.awaitReady(question, bound)) {
      throw now.ended();
    }
  }

  private synchronized ServerProcess process() {
    return process;
  }

  /** SIGKILL; back when it is gone. */
  public void kill9() {
    ServerProcess now = process();
    now.signal("KILL");
    now.awaitEnd(KILL_BOUND);
  }

  /**
   * SIGTERM, and SIGKILL after its grace; back when it is gone.
   *
   * @return its exit code; 128 + number after a signal it did not handle
   */
  public int terminate() {
    ServerProcess now = process();
    now.stop();
    return now.exitCode();
  }

  /** SIGSTOP: it keeps its ports and connections and does nothing until {@link #thaw}. */
  public synchronized void freeze() {
    process.signal("STOP");
  }

  /** SIGCONT. */
  public synchronized void thaw() {
    process.signal("CONT");
  }

  /**
   * Starts it again after it ended; back when it answers.
   *
   * @throws EnvironmentFault if it does not come up
   * @throws IllegalStateException if it runs, or was stopped for good
   */
  public void restart() {
    synchronized (this) {
      if (stopping || process.isAlive()) {
        throw new IllegalStateException(name + (stopping ? " was stopped for good" : " runs"));
      }
      launched();
    }
    awaitReady();
  }

  /**
   * From now on, until {@link #stop}: starts it again at once when it has died, later and later (1,
   * 2, 4 … 30 s) while it does not stay. Each death is an alarm in the log.
   */
  public void keepAlive() {
    Thread keeper = new Thread(this::keep, "keeper of " + name);
    keeper.setDaemon(true);
    keeper.start();
  }

  /**
   * Stops it for good, also one that is frozen or just being started again.
   *
   * @return its exit code; 128 + number after a signal it did not handle
   */
  public int stop() {
    ServerProcess last;
    synchronized (this) {
      stopping = true;
      notifyAll();
      last = process;
    }
    last.stop();
    return last.exitCode();
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
