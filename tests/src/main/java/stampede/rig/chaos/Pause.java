package stampede.rig.chaos;

import java.util.concurrent.TimeUnit;

/** Sleeping, where being interrupted is the end of the run. */
final class Pause {
  private Pause() {}

  static void ms(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(Math.max(0, millis));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
