package stampede.standalone.crowd;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one sale's crowd: everybody connects, shakes when the item opens, and at the end asks for
 * every key that has no answer.
 *
 * <p>A crowd has a Vert.x of its own with one event loop, so that it shares no thread with the
 * servers it calls.
 */
public final class Crowd {
  /** How long keys without an answer are asked for after the sale. */
  public static final long SETTLE_MAX_MS = 15_000;

  private static final long CLOSE_MAX_MS = 5_000;
  private static final long SETTLE_CHECK_MS = 100;
  private static final long PROGRESS_MS = 1_000;

  private final Vertx vertx;
  private final CrowdPlan plan;
  private final Tally tally = new Tally();
  private final Consumer<Progress> everySecond;
  private final Promise<CrowdReport> done = Promise.promise();
  private List<Shopper> shoppers = List.of();
  private @Nullable Dialer dialer;
  private long shakesAtLastSecond;

  private Crowd(Vertx vertx, CrowdPlan plan, Consumer<Progress> everySecond) {
    this.vertx = vertx;
    this.plan = plan;
    this.everySecond = everySecond;
  }

  /**
   * Starts the crowd at once; connections are opened before the item opens.
   *
   * @param tokenOf gives a user's token
   * @param everySecond called on the crowd's event loop once a second
   * @return the report, at the latest {@link #SETTLE_MAX_MS} after the end of the sale and when the
   *     crowd's threads are gone
   */
  public static Future<CrowdReport> run(
      CrowdPlan plan, UnaryOperator<String> tokenOf, Consumer<Progress> everySecond) {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    Crowd crowd = new Crowd(vertx, plan, everySecond);
    Context context = vertx.getOrCreateContext();
    context.runOnContext(nothing -> crowd.start(tokenOf));
    Promise<CrowdReport> closed = Promise.promise();
    crowd.done.future().onComplete(report -> closeBounded(vertx, () -> closed.handle(report)));
    return closed.future();
  }

  /** The report must not wait for sockets that do not close. */
  static void closeBounded(Vertx vertx, Runnable then) {
    vertx
        .close()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(CLOSE_MAX_MS, TimeUnit.MILLISECONDS)
        .whenComplete((nothing, cause) -> then.run());
  }

  private void start(UnaryOperator<String> tokenOf) {
    try {
      shoppers = people(tokenOf);
    } catch (RuntimeException e) {
      done.fail(e); // the caller's token function failed: there is no crowd
      return;
    }
    shoppers.forEach(Shopper::start);
    vertx.setPeriodic(PROGRESS_MS, timer -> progress());
    vertx.setTimer(Math.max(1, plan.endsAt() - System.currentTimeMillis()), timer -> settle());
  }

  private List<Shopper> people(UnaryOperator<String> tokenOf) {
    Dialer calls = new Dialer(vertx, plan);
    dialer = calls;
    List<Shopper> people = new ArrayList<>(plan.users());
    for (int i = 0; i < plan.users(); i++) {
      people.add(new Shopper(vertx, plan, calls, tally, i, tokenOf.apply(plan.user(i))));
    }
    return people;
  }

  private void progress() {
    long shakes = tally.shakes.sum();
    long second = Math.floorDiv(System.currentTimeMillis() - plan.opensAt(), 1_000L);
    everySecond.accept(
        new Progress(
            second, tally.sockets.sum(), shakes, shakes - shakesAtLastSecond, tally.outcomes()));
    shakesAtLastSecond = shakes;
  }

  private void settle() {
    shoppers.forEach(Shopper::settle);
    long deadline = System.currentTimeMillis() + SETTLE_MAX_MS;
    vertx.setPeriodic(
        SETTLE_CHECK_MS,
        timer -> {
          if (System.currentTimeMillis() > deadline
              || shoppers.stream().allMatch(Shopper::settled)) {
            vertx.cancelTimer(timer);
            finish();
          }
        });
  }

  private void finish() {
    if (dialer != null) {
      dialer.close();
    }
    List<UserHistory> histories = shoppers.stream().map(Shopper::finish).toList();
    done.complete(
        new CrowdReport(
            plan,
            histories,
            tally.shakes.sum(),
            tally.outcomes(),
            tally.latencyMicros,
            tally.activeSeconds(),
            tally.strayFrames.sum(),
            tally.errorFrames.sum()));
  }
}
