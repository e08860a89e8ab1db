package stampede.node;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;

/**
 * Figures and health checks of one verticle. What they read are plain fields of that verticle's
 * event loop: they are read there, once a scrape, and counting costs the hot path an addition.
 *
 * <p>To be filled on the event loop before anybody asks; names are those of {@code
 * docs/metrics.md}, labels come in pairs of name and value.
 */
public final class LoopVitals {
  private static final long ANSWER_MS_MAX = 2_000;

  /** The last reading of a figure, taken on the event loop and shown to whoever scrapes. */
  private static final class Reading {
    private final DoubleSupplier figure;
    private volatile double value;

    private Reading(DoubleSupplier figure) {
      this.figure = figure;
    }

    private double value() {
      return value;
    }
  }

  private final Context context;
  private final String role;
  private final MeterRegistry registry;
  private final LoopDelay delay;
  private final List<Reading> readings = new ArrayList<>();
  private final List<Meter> meters = new ArrayList<>();
  private final Map<String, Supplier<Finding>> checks = new LinkedHashMap<>();
  private volatile boolean answers = true;

  LoopVitals(Context context, String role, MeterRegistry registry) {
    this.context = context;
    this.role = role;
    this.registry = registry;
    this.delay = new LoopDelay(new VertxTimers(context.owner()));
    meters.add(
        Gauge.builder("stampede_event_loop_up", () -> answers ? 1 : 0)
            .description("1 if the event loop answered this scrape; else its figures are old")
            .tag("role", role)
            .register(registry));
    gauge(
        "stampede_event_loop_delay_seconds",
        "The longest a timer was late in the last second",
        () -> delay.delayMsMax() / 1_000.0,
        "role",
        role);
    context.runOnContext(go -> delay.start());
  }

  /** A figure that only grows; {@code name} ends in {@code _total}. */
  public void counter(String name, String help, DoubleSupplier figure, String... labels) {
    Reading reading = reading(figure);
    meters.add(
        FunctionCounter.builder(name, reading, Reading::value)
            .description(help)
            .tags(labels)
            .register(registry));
  }

  /** A figure that rises and falls. */
  public void gauge(String name, String help, DoubleSupplier figure, String... labels) {
    Reading reading = reading(figure);
    meters.add(
        Gauge.builder(name, reading, Reading::value)
            .description(help)
            .tags(labels)
            .strongReference(true)
            .register(registry));
  }

  /**
   * Where whole numbers lie: a histogram. Takes about 100 ns, so it is for batches, not for shakes.
   *
   * @param bounds upper bounds of its buckets, ascending
   * @return takes the values
   */
  public DoubleConsumer histogram(String name, String help, double... bounds) {
    DistributionSummary summary =
        DistributionSummary.builder(name)
            .description(help)
            .serviceLevelObjectives(bounds)
            .register(registry);
    meters.add(summary);
    return summary::record;
  }

  /** The same for times; takes and shows seconds. The other kind rounds up to whole numbers. */
  public DoubleConsumer seconds(String name, String help, double... bounds) {
    Timer timer =
        Timer.builder(name)
            .description(help)
            .serviceLevelObjectives(
                DoubleStream.of(bounds).mapToObj(LoopVitals::duration).toArray(Duration[]::new))
            .register(registry);
    meters.add(timer);
    return seconds -> timer.record(duration(seconds));
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  /** {@code check} is carried out on the event loop, must not block and must not throw. */
  public void check(String id, Supplier<Finding> check) {
    checks.put(id, check);
  }

  /** Shows and checks nothing any more. On the event loop, or after its end. */
  void close() {
    delay.stop();
    meters.forEach(registry::remove);
  }

  String role() {
    return role;
  }

  /** Takes a reading of every figure. Always succeeds, within {@value #ANSWER_MS_MAX} ms. */
  Future<Void> read() {
    return onLoop(
            () -> {
              readings.forEach(reading -> reading.value = reading.figure.getAsDouble());
              return true;
            })
        .transform(
            done -> {
              answers = done.succeeded();
              return Future.succeededFuture();
            });
  }

  /** Fails if the event loop does nothing for {@value #ANSWER_MS_MAX} ms. */
  Future<Boolean> alive() {
    return onLoop(() -> true);
  }

  /** What all checks find, {@code {"id","status","data"}} each. Always succeeds. */
  Future<List<JsonObject>> findings() {
    return onLoop(
            () -> {
              List<JsonObject> found = new ArrayList<>();
              checks.forEach((id, check) -> found.add(check.get().json(id)));
              return found;
            })
        .recover(
            failure ->
                Future.succeededFuture(
                    List.of(
                        Finding.down(
                                "the event loop gave no answer within " + ANSWER_MS_MAX + " ms")
                            .json(role))));
  }

  private Reading reading(DoubleSupplier figure) {
    Reading reading = new Reading(figure);
    readings.add(reading);
    return reading;
  }

  private <T> Future<T> onLoop(Supplier<T> work) {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        go -> {
          try {
            done.tryComplete(work.get());
          } catch (RuntimeException e) {
            done.tryFail(e); // a broken check must not leave its asker waiting
          }
        });
    return done.future().timeout(ANSWER_MS_MAX, TimeUnit.MILLISECONDS);
  }
}
