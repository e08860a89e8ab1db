package stampede.bench;

import java.util.concurrent.TimeUnit;

/** Sleeps. */
public final class Pause {
  private Pause() {}

  public static void ms(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
