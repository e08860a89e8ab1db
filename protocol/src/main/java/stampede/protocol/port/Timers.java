package stampede.protocol.port;

/**
 * Monotonic time and one-shot timers of one event loop. Neither knows the date; only the journal's
 * store does.
 */
public interface Timers {
  /** Monotonic nanoseconds; only differences mean anything. */
  long nanos();

  /** Monotonic milliseconds; only differences mean anything. */
  default long millis() {
    return nanos() / 1_000_000;
  }

  /** Runs {@code task} once on this event loop, not earlier than {@code delayMs} from now. */
  Timer after(long delayMs, Runnable task);

  /** A timer that was set. */
  interface Timer {
    /** The task does not run any more. Harmless after it ran. */
    void cancel();
  }
}
