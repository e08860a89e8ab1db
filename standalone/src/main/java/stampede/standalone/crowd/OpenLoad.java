package stampede.standalone.crowd;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An open-model load: shakes leave at times drawn beforehand from the rate, whether or not earlier
 * ones were answered, so that a shop that stalls does not slow down the crowd that measures it.
 *
 * <p>A latency counts from the time a shake was meant to be sent: what piles up in the sender while
 * the shop, or this machine, can't keep up is part of it. Users of a load have a Vert.x of their
 * own with one event loop.
 */
public final class OpenLoad {
  /** Keys one load may make, which is what it has to remember. */
  public static final long SHAKES_MAX = 5_000_000;

  private static final long CONNECT_MS_MIN = 15_000;
  private static final long CONNECT_MS_A_USER = 5;
  private static final long ASK_AFTER_MS = 3_000;
  private static final long ASK_CHECK_MS = 250;
  private static final long SETTLE_ASK_MS = 1_000;
  private static final long TICK_MS = 1;
  private static final long PROGRESS_MS = 1_000;
  private static final int SENDS_A_TURN = 1_000;

  private record Due(long atNanos, LoadUser.Ask ask) {}

  private final Vertx vertx;
  private final CrowdPlan plan;
  private final double nanosAShake;
  private final SplittableRandom random;
  private final Tally tally = new Tally();
  private final Consumer<Progress> everySecond;
  private final Promise<CrowdReport> done = Promise.promise();
  private final ArrayDeque<Due> due = new ArrayDeque<>();
  private final List<LoadUser> users = new ArrayList<>();
  private final Dialer dialer;
  private long startedAt;
  private long endNanos;
  private double nextNanos;
  private long shakesAtLastSecond;

  private OpenLoad(Vertx vertx, CrowdPlan plan, int ratePerSecond, Consumer<Progress> everySecond) {
    this.vertx = vertx;
    this.plan = plan;
    this.nanosAShake = 1e9 / ratePerSecond;
    this.random = new SplittableRandom(plan.seed());
    this.everySecond = everySecond;
    this.dialer = new Dialer(vertx, plan);
  }

  /** How long opening the sockets may take, milliseconds. */
  public static long connectMsMax(int users) {
    return CONNECT_MS_MIN + CONNECT_MS_A_USER * users;
  }

  /**
   * Opens a socket for each user, then sends for {@code plan.seconds()} from then on; when the item
   * opens is no concern of it.
   *
   * @param ratePerSecond shakes a second on average, at intervals drawn as of independent people
   * @param tokenOf gives a user's token
   * @param everySecond called on the load's event loop once a second
   * @return the report, whose plan says when the clock started; fails with {@link NotConnected} if
   *     the sockets can't be had
   */
  public static Future<CrowdReport> run(
      CrowdPlan plan,
      int ratePerSecond,
      UnaryOperator<String> tokenOf,
      Consumer<Progress> everySecond) {
    if ((long) ratePerSecond * plan.seconds() > SHAKES_MAX || ratePerSecond < 1) {
      throw new IllegalArgumentException(
          "rate × seconds: found " + ratePerSecond + " × " + plan.seconds());
    }
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    Promise<CrowdReport> closed = Promise.promise();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        nothing -> {
          OpenLoad load = new OpenLoad(vertx, plan, ratePerSecond, everySecond);
          load.done
              .future()
              .onComplete(report -> Crowd.closeBounded(vertx, () -> closed.handle(report)));
          load.connect(tokenOf);
        });
    return closed.future();
  }

  private void connect(UnaryOperator<String> tokenOf) {
    try {
      for (int i = 0; i < plan.users(); i++) {
        String token = tokenOf.apply(plan.user(i));
        users.add(new LoadUser(vertx, plan, dialer, tally, i, token, this::askLater));
      }
    } catch (RuntimeException e) {
      done.fail(e); // the caller's token function failed
      return;
    }
    startedAt = System.currentTimeMillis();
    long deadline = startedAt + connectMsMax(plan.users());
    users.forEach(LoadUser::connect);
    vertx.setPeriodic(PROGRESS_MS, timer -> progress());
    vertx.setPeriodic(
        100,
        timer -> {
          if (tally.sockets.sum() >= plan.users()) {
            vertx.cancelTimer(timer);
            start();
          } else if (System.currentTimeMillis() > deadline) {
            vertx.cancelTimer(timer);
            giveUp();
          }
        });
  }

  private void giveUp() {
    dialer.close();
    Throwable refusal =
        users.stream()
            .filter(user -> !user.connected())
            .map(LoadUser::refusal)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    done.tryFail(new NotConnected(tally.sockets.sum(), plan.users(), refusal));
  }

  private void start() {
    startedAt = System.currentTimeMillis();
    nextNanos = System.nanoTime();
    endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(plan.seconds());
    vertx.setPeriodic(ASK_CHECK_MS, timer -> askDue());
    vertx.setPeriodic(TICK_MS, this::tick);
  }

  /** Sends what is due by now, a bounded part at a time so that answers are read in between. */
  private void tick(long timer) {
    long now = System.nanoTime();
    for (int i = 0; i < SENDS_A_TURN && nextNanos <= now; i++) {
      if (nextNanos >= endNanos) {
        break;
      }
      users.get(random.nextInt(users.size())).shake((long) nextNanos);
      nextNanos += -Math.log(1 - random.nextDouble()) * nanosAShake;
    }
    if (nextNanos >= endNanos && now >= endNanos) {
      vertx.cancelTimer(timer);
      settle();
    }
  }

  private void askLater(LoadUser.Ask ask) {
    due.add(new Due(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ASK_AFTER_MS), ask));
  }

  private void askDue() {
    long now = System.nanoTime();
    while (!due.isEmpty() && due.peek().atNanos <= now) {
      LoadUser.Ask ask = due.remove().ask;
      if (ask.user().askIfOpen(ask.attempt())) {
        askLater(ask);
      }
    }
  }

  private void settle() {
    long deadline = System.currentTimeMillis() + Crowd.SETTLE_MAX_MS;
    // Most answers are on their way: what is still open after a moment is asked for.
    vertx.setPeriodic(SETTLE_ASK_MS, timer -> users.forEach(LoadUser::askAll));
    vertx.setPeriodic(
        100,
        timer -> {
          if (System.currentTimeMillis() > deadline || users.stream().allMatch(LoadUser::settled)) {
            vertx.cancelTimer(timer);
            finish();
          }
        });
  }

  private void finish() {
    dialer.close();
    List<UserHistory> histories = users.stream().map(LoadUser::finish).toList();
    CrowdPlan timed =
        new CrowdPlan(
            plan.url(), plan.item(), plan.users(), plan.seconds(), plan.seed(), startedAt);
    done.tryComplete(
        new CrowdReport(
            timed,
            histories,
            tally.shakes.sum(),
            tally.outcomes(),
            tally.latencyMicros,
            tally.activeSeconds(),
            tally.strayFrames.sum(),
            tally.errorFrames.sum()));
  }

  private void progress() {
    long shakes = tally.shakes.sum();
    long second = Math.floorDiv(System.currentTimeMillis() - startedAt, 1_000L);
    everySecond.accept(
        new Progress(
            second, tally.sockets.sum(), shakes, shakes - shakesAtLastSecond, tally.outcomes()));
    shakesAtLastSecond = shakes;
  }

  /** The shop did not take all the sockets in time. */
  public static final class NotConnected extends Exception {
    private static final long serialVersionUID = 1L;

    NotConnected(long open, int wanted, @Nullable Throwable refusal) {
      super(
          open
              + " of "
              + wanted
              + " sockets after "
              + connectMsMax(wanted) / 1_000
              + " s"
              + (refusal == null ? "" : " (" + refusal.getMessage() + ")"),
          refusal);
    }
  }
}
