package stampede.standalone.check;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A question that got no usable answer; the message says why, without credentials. */
final class CheckFailed extends Exception {
  static final long SECONDS_MAX = 10;

  CheckFailed(String message) {
    super(message, null, false, false);
  }

  /** Waits at most {@value #SECONDS_MAX} s. */
  static <T> T await(CompletableFuture<T> answer) throws CheckFailed {
    return await(answer, SECONDS_MAX);
  }

  static <T> T await(CompletableFuture<T> answer, long secondsMax) throws CheckFailed {
    try {
      return answer.get(secondsMax, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CheckFailed(String.valueOf(e.getCause().getMessage()));
    } catch (TimeoutException e) {
      throw new CheckFailed("none within " + secondsMax + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CheckFailed("interrupted");
    }
  }
}
