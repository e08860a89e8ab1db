package stampede.standalone.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import stampede.standalone.KeptServer;

/** Tells of each process that ends without being told to. Thread-safe. */
final class DeathWatch implements AutoCloseable {
  private static final long POLL_MS = 100;

  private final Consumer<String> told;
  private final List<KeptServer> watched = new ArrayList<>();
  private boolean closed;

  DeathWatch(Consumer<String> told) {
    this.told = told;
    Thread watcher = new Thread(this::watch, "death-watch");
    watcher.setDaemon(true);
    watcher.start();
  }

  /** From now on its end is news. */
  synchronized void add(KeptServer process) {
    if (!watched.contains(process)) {
      watched.add(process);
    }
  }

  /** Its next end is no news. */
  synchronized void expect(KeptServer process) {
    watched.remove(process);
  }

  /** No end is news any more. */
  @Override
  public synchronized void close() {
    closed = true;
    watched.clear();
    notifyAll();
  }

  private synchronized void watch() {
    try {
      while (!closed) {
        List<KeptServer> died = watched.stream().filter(process -> !process.isAlive()).toList();
        watched.removeAll(died);
        died.forEach(process -> told.accept("DIED " + process.death()));
        wait(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
