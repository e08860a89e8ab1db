package stampede.sale;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Where the owner of one partition stands: its status, what is wrong, its tenure, and the attempt
 * it is on.
 *
 * <p>Everything the owner waits for is waited for within an attempt. When it turns to something
 * else it begins the next one, and what was still on its way is dropped on arrival: here, and
 * nowhere else.
 */
final class Course {
  private static final int TEXT_CHARS_MAX = 256;

  enum Status {
    SEEKING("seeking"),
    PREPARING("preparing"),
    ASKING("asking"),
    CHECKING("checking"),
    ACQUIRING("acquiring"),
    REPLAYING("replaying"),
    OPENING("opening"),
    SERVING("serving"),
    HANDING_OVER("handing over"),
    AWAY("away"),
    FAILED("failed"),
    CLOSED("closed"),
    STOPPED("stopped");

    private final String text;

    Status(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  private final Timers timers;
  private final List<TakeOver.Step> steps = new ArrayList<>();
  private Status status = Status.SEEKING;
  private long stepBeganNanos;
  private String problem = "";
  private @Nullable Tenure tenure;
  private long attempt;

  Course(Timers timers) {
    this.timers = timers;
  }

  Status status() {
    return status;
  }

  boolean is(Status which) {
    return status == which;
  }

  /** Empty when there is none. */
  String problem() {
    return problem;
  }

  /** Status and problem as a hint carries them: printable ASCII, bounded. */
  String text() {
    if (problem.isEmpty()) {
      return status.text;
    }
    String text = (status.text + ": " + problem).replaceAll("[^ -~]", "?"); // 1 byte a sign
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
  }

  /** From the opening on until the lease is given up or lost. */
  @Nullable Tenure tenure() {
    return tenure;
  }

  /** The tenure, while it takes commands; else null. */
  @Nullable Tenure serving() {
    return status == Status.SERVING ? tenure : null;
  }

  /** It serves in a moment, if nothing comes between. */
  boolean isTakingOver() {
    return switch (status) {
      case ASKING, ACQUIRING, REPLAYING, OPENING -> true;
      default -> false;
    };
  }

  // ── steps

  /** The next step of the same attempt. */
  void go(Status next) {
    long nowNanos = timers.nanos();
    if (isTakingOver()) {
      steps.add(new TakeOver.Step(status.text, nowNanos - stepBeganNanos));
    } else {
      steps.clear();
    }
    stepBeganNanos = nowNanos;
    status = next;
  }

  void open(Tenure begun) {
    go(Status.OPENING);
    tenure = begun;
  }

  void serve() {
    go(Status.SERVING);
    problem = "";
  }

  /** The way here, once it serves. */
  TakeOver takeOver() {
    return new TakeOver(steps);
  }

  /** Goes back to waiting, for a reason or for none (empty). */
  void wait(Status meanwhile, String why) {
    status = meanwhile;
    problem = why;
    nextAttempt();
  }

  void nextAttempt() {
    attempt++;
  }

  /** This node does not own the partition any more, as far as it knows. */
  void endTenure() {
    tenure = null;
    nextAttempt();
  }

  void stop() {
    status = Status.STOPPED;
    if (tenure != null) {
      tenure.close();
    }
    tenure = null;
  }

  // ── what arrives late

  /** Whether the attempt of now is still the present one when it is asked. */
  BooleanSupplier lasting() {
    long mine = attempt;
    return () -> mine == attempt;
  }

  /** {@code then}, unless the attempt of now is over by then. */
  Runnable whileLasting(Runnable then) {
    BooleanSupplier lasts = lasting();
    return () -> {
      if (lasts.getAsBoolean()) {
        then.run();
      }
    };
  }

  /** {@code then}, unless the attempt of now is over by then. */
  <T> Completion<T> whileLasting(Completion<T> then) {
    BooleanSupplier lasts = lasting();
    return (result, failure) -> {
      if (lasts.getAsBoolean()) {
        then.done(result, failure);
      }
    };
  }
}
