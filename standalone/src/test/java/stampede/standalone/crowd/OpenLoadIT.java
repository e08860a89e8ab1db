package stampede.standalone.crowd;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stampede.standalone.Tokens;
import stampede.standalone.crowd.FakeShop.Fault;
import stampede.standalone.verdict.Verdict;
import stampede.standalone.verdict.Verdict.Judgement;

@Timeout(90)
@Execution(ExecutionMode.CONCURRENT) // a crowd of its own and a shop each, that mostly wait
class OpenLoadIT {
  private static final int USERS = 100;
  private static final int RATE = 400;
  private static final int STOCK = 40;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final List<Progress> progress = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "NONE",
        "REFUSES_FIRST_CONNECTIONS",
        "ANSWERS_LATE",
        "SWALLOWS_SHAKES",
        "BUSY_BY_TURNS"
      })
  void anHonestShopBalancesWhateverTheTroubleOnTheWay(Fault trouble) throws TimeoutException {
    FakeShop shop = FakeShop.on(vertx, trouble, 0, STOCK);

    CrowdReport report = load(shop, 2);
    Verdict verdict = Verdict.compute(report, shop.books(), 1, true, "test");

    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict.judgement()).isEqualTo(Judgement.BALANCED);
    assertThat(verdict.accepted()).isEqualTo(STOCK);
    assertThat(verdict.soldOut()).isPositive();
    assertThat(verdict.unanswered()).isZero();
    assertThat(progress).isNotEmpty();
  }

  @Test
  void sendsAtTheRateWithAKeyForEachShake() throws TimeoutException {
    CrowdReport report = load(FakeShop.on(vertx, Fault.NONE, 0, STOCK), 3);

    assertThat(report.shakes()).isBetween(3L * RATE * 8 / 10, 3L * RATE * 12 / 10);
    assertThat(report.users()).hasSize(USERS);
    assertThat(report.users().stream().mapToLong(user -> user.keys().size()).sum())
        .isEqualTo(report.shakes());
    assertThat(report.latencyMicros().getTotalCount()).isEqualTo(report.shakes());
  }

  @Test
  void aShopThatStallsIsMeasuredFromWhenShakesWereMeant() throws TimeoutException {
    FakeShop shop = FakeShop.on(vertx, Fault.NONE, 0, STOCK);
    // Again and again: how long connecting takes before the clock starts is the machine's affair.
    vertx.setPeriodic(
        3_000,
        timer -> {
          try {
            Thread.sleep(1_000); // the shop's only event loop: nobody is answered
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    CrowdReport report = load(shop, 5);

    assertThat(report.shakes()).isGreaterThan(5L * RATE * 8 / 10);
    assertThat(report.latencyMicros().getMaxValue()).isGreaterThan(800_000);
  }

  @Test
  void aKeyNobodyAnswersStaysOpenAndIsCounted() throws TimeoutException {
    FakeShop shop = FakeShop.on(vertx, Fault.NEVER_ANSWERS, 0, STOCK);

    Verdict verdict = Verdict.compute(load(shop, 1), null, 1, false, "test");

    assertThat(verdict.unanswered()).isPositive();
    assertThat(verdict.judgement()).isEqualTo(Judgement.UNCHECKED);
    assertThat(verdict.orders()).isNull();
    assertThat(verdict.lost()).isNull();
  }

  @Test
  void aFailingTokenFunctionFailsTheLoad() {
    CrowdPlan plan = new CrowdPlan(URI.create("http://127.0.0.1:1"), "1001", 1, 1, 7, 1);

    assertThatThrownBy(
            () ->
                OpenLoad.run(
                        plan,
                        1,
                        user -> {
                          throw new IllegalStateException("no secret");
                        },
                        progress::add)
                    .await(10, SECONDS))
        .hasMessageContaining("no secret");
  }

  private CrowdReport load(FakeShop shop, int seconds) throws TimeoutException {
    CrowdPlan plan = new CrowdPlan(shop.listen(), "1001", USERS, seconds, 7, 1);
    Tokens tokens = new Tokens("x".repeat(32));
    return OpenLoad.run(
            plan, RATE, user -> tokens.shopper(user, Instant.now().plusSeconds(60)), progress::add)
        .await(60, SECONDS);
  }
}
