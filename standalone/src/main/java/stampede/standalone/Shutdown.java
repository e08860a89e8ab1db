package stampede.standalone;

import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * Closes what a command opened, newest first and once, whether the command ends by itself or by
 * Ctrl-C or SIGTERM. Thread-safe: the signal comes on a thread of its own, at any moment.
 */
final class Shutdown implements AutoCloseable {
  private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
  private final CountDownLatch signalled = new CountDownLatch(1);
  private final Thread hook = new Thread(this::signal, "shutdown");
  private boolean closing;
  private int exitCode = -1;

  Shutdown() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * {@code resource} is closed before everything registered earlier; at once, if it is too late.
   */
  synchronized <T extends AutoCloseable> T closing(T resource) {
    if (closing) {
      close(resource);
      throw new IllegalStateException("stopped while starting");
    }
    open.push(resource);
    return resource;
  }

  /**
   * Opens a resource that must never be left half open, such as servers with files: a signal
   * meanwhile waits for it, within the resource's own bound, and then closes it.
   */
  <T extends AutoCloseable> T opening(Supplier<T> open) {
    T opened;
    synchronized (this) {
      opened = closing(open.get());
    }
    if (signalled.getCount() == 0) {
      awaitEnd(); // without the lock: the hook waits for it
    }
    return opened;
  }

  /** Runs after everything registered later has been closed. */
  void last(Runnable task) {
    closing(task::run);
  }

  /**
   * Blocks until the process is told to stop.
   *
   * @param exitCode of the process then: being told to stop is the regular end from here on
   */
  void awaitSignal(int exitCode) {
    synchronized (this) {
      this.exitCode = exitCode;
    }
    try {
      signalled.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closeAll();
    if (signalled.getCount() == 0) {
      awaitEnd(); // what failed because everything was closed around it is no news
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is going down already: the hook runs, and finds nothing left to close
    }
  }

  /** The shutdown hook ends the JVM; until then there is nothing left to do here. */
  private void awaitEnd() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void signal() {
    signalled.countDown();
    closeAll();
    synchronized (this) {
      if (exitCode >= 0) {
        Runtime.getRuntime().halt(exitCode); // else the JVM reports the signal, 128 + its number
      }
    }
  }

  private synchronized void closeAll() {
    closing = true;
    while (!open.isEmpty()) {
      close(open.pop());
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      System.err.println("stampede: while stopping: " + e);
    }
  }
}
