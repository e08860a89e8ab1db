package stampede.edge.admission;

import java.util.function.IntUnaryOperator;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import stampede.protocol.EdgeLimit;

/**
 * So many shakes of one subject in a time, and a burst of them at once: the generic cell rate
 * algorithm, which needs one number a subject, the time at which it would have used up what it was
 * given.
 */
public final class Rate implements Rule {
  private static final long MICROS_A_MS = 1_000;

  /** Not all come back at the first moment there is room for one. */
  private static final int SPREAD_MS = 500;

  private final LiveLimits limits;
  private final EdgeLimit shakes;
  private final EdgeLimit burst;
  private final long unitMicros;
  private final ToLongFunction<Attempt> subject;
  private final IntUnaryOperator random;
  private final BriefMemory usedUpMicros;

  /**
   * @param shakes in {@code unitMs}; 0 = any number
   * @param subject 0 = not limited
   */
  Rate(
      LiveLimits limits,
      EdgeLimit shakes,
      EdgeLimit burst,
      long unitMs,
      int subjectsMax,
      ToLongFunction<Attempt> subject,
      IntUnaryOperator random) {
    this.limits = limits;
    this.shakes = shakes;
    this.burst = burst;
    this.unitMicros = unitMs * MICROS_A_MS;
    this.subject = subject;
    this.random = random;
    this.usedUpMicros = new BriefMemory(subjectsMax);
  }

  @Override
  public long waitMs(Attempt attempt) {
    long number = number(attempt);
    if (number == 0) {
      return GO_ON;
    }
    long nowMicros = attempt.nowMs() * MICROS_A_MS;
    long waitMicros = usedUp(number, nowMicros) + oneMicros() - allowance() - nowMicros;
    if (waitMicros <= 0) {
      return GO_ON;
    }
    return (waitMicros + MICROS_A_MS - 1) / MICROS_A_MS + random.applyAsInt(SPREAD_MS);
  }

  void passed(Attempt attempt) {
    long number = number(attempt);
    if (number != 0) {
      long nowMicros = attempt.nowMs() * MICROS_A_MS;
      usedUpMicros.put(number, usedUp(number, nowMicros) + oneMicros());
    }
  }

  /**
   * @param burst shakes in {@code windowMs} after a rest
   * @param shakes let in now
   * @param moreMs until one more is; 0 = nothing was used
   */
  public record Left(long burst, long windowMs, long shakes, long moreMs) {}

  /** Null = not limited. */
  @Nullable Left left(Attempt attempt) {
    long number = number(attempt);
    if (number == 0) {
      return null;
    }
    long nowMicros = attempt.nowMs() * MICROS_A_MS;
    long usedMicros = usedUp(number, nowMicros) - nowMicros;
    long shakes = (allowance() - usedMicros) / oneMicros();
    long moreMicros = usedMicros == 0 ? 0 : usedMicros - (allowance() - (shakes + 1) * oneMicros());
    return new Left(
        limits.of(burst),
        allowance() / MICROS_A_MS,
        shakes,
        (moreMicros + MICROS_A_MS - 1) / MICROS_A_MS);
  }

  private long number(Attempt attempt) {
    return limits.of(shakes) == 0 ? 0 : subject.applyAsLong(attempt);
  }

  /** Never further away than the limits of now could bring it: they may have been others. */
  private long usedUp(long number, long nowMicros) {
    long known = usedUpMicros.get(number);
    return Math.min(Math.max(known, nowMicros), nowMicros + allowance());
  }

  private long oneMicros() {
    return Math.max(1, unitMicros / limits.of(shakes));
  }

  private long allowance() {
    return limits.of(burst) * oneMicros();
  }
}
