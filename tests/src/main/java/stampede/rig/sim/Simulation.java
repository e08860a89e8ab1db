package stampede.rig.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Many worlds, each on one thread, as many at a time as there are threads. */
public final class Simulation {
  /** A world that was not as it must be, and why. */
  public record Failure(long seed, Throwable why) {
    /** One line, and how to see it again. */
    @Override
    public String toString() {
      return "seed "
          + seed
          + ": "
          + why.getMessage()
          + "\n  replay: ./mvnw -pl tests -am test"
          + " -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dseed="
          + seed;
    }
  }

  private final int threads;
  private final Supplier<Mistake> mistakes;
  private final int failuresMax;
  private final List<Failure> failures = new ArrayList<>();
  private final AtomicLong next = new AtomicLong();
  private long worlds;
  private long episodes;
  private long struck;
  private long virtualMs;
  private long events;
  private long answers;
  private long cuts;
  private long tasks;
  private long realNanos;

  /**
   * @param mistakes planted, one instance a world
   * @param failuresMax after so many no further world is begun
   */
  public Simulation(int threads, Supplier<Mistake> mistakes, int failuresMax) {
    this.threads = threads;
    this.mistakes = mistakes;
    this.failuresMax = failuresMax;
  }

  /**
   * Runs up to {@code seeds} worlds; the n-th has the seed {@code seedOf(n)}. Begins none after the
   * last failure allowed or after {@code timeoutMs}.
   */
  public void run(long seeds, LongUnaryOperator seedOf, long timeoutMs)
      throws InterruptedException {
    long begun = System.nanoTime();
    CountDownLatch running = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      Runnable work =
          () -> {
            try {
              work(seeds, seedOf, begun + timeoutMs * 1_000_000);
            } finally {
              running.countDown();
            }
          };
      Thread thread = new Thread(work, "worlds-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    running.await();
    realNanos += System.nanoTime() - begun;
    next.set(0);
  }

  private void work(long seeds, LongUnaryOperator seedOf, long untilNanos) {
    while (System.nanoTime() - untilNanos < 0) {
      long n = next.getAndIncrement();
      if (n >= seeds || tooManyFailures()) {
        return;
      }
      long seed = seedOf.applyAsLong(n);
      try {
        add(new World(seed, mistakes.get(), null).run());
      } catch (RuntimeException | AssertionError | StackOverflowError e) {
        add(new Failure(seed, e));
      }
    }
  }

  private synchronized boolean tooManyFailures() {
    return failures.size() >= failuresMax;
  }

  private synchronized void add(RunReport report) {
    worlds++;
    episodes += report.episodes();
    struck += report.struck();
    virtualMs += report.virtualMs();
    events += report.events();
    answers += report.answers();
    cuts += report.cuts();
    tasks += report.tasks();
  }

  private synchronized void add(@Nullable Failure failure) {
    worlds++;
    failures.add(failure);
  }

  /** Worlds run so far, those that failed included. */
  public synchronized long worlds() {
    return worlds;
  }

  public synchronized List<Failure> failures() {
    return List.copyOf(failures);
  }

  /** Logs that were cut, over all worlds. */
  public synchronized long cuts() {
    return cuts;
  }

  /** One line of figures. */
  public synchronized String figures() {
    double seconds = Math.max(1, realNanos) / 1e9;
    long n = Math.max(1, worlds);
    return ("%,d seeds in %.1f s on %d threads: %,.0f seeds/h; a seed: %.1f faults planned, %.0f"
            + " messages and calls struck, %.0f s virtual, %.0f events, %.2f cuts, %.0f answers, %.0f"
            + " tasks;"
            + " virtual/real %,.0f; %d failures")
        .formatted(
            worlds,
            seconds,
            threads,
            worlds / seconds * 3_600,
            (double) episodes / n,
            (double) struck / n,
            virtualMs / 1_000.0 / n,
            (double) events / n,
            (double) cuts / n,
            (double) answers / n,
            (double) tasks / n,
            virtualMs / 1_000.0 / seconds,
            failures.size());
  }
}
