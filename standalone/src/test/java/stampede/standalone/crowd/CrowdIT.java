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

@Timeout(60)
@Execution(ExecutionMode.CONCURRENT) // a crowd of its own and a shop each, that mostly wait
class CrowdIT {
  private static final int USERS = 150;
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
    Verdict verdict = sale(trouble);

    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict.judgement()).isEqualTo(Judgement.BALANCED);
    assertThat(verdict.accepted()).isEqualTo(STOCK);
    assertThat(verdict.orders()).isEqualTo(STOCK);
    assertThat(verdict.soldOut()).isPositive();
    assertThat(verdict.shakes()).isGreaterThan(2 * STOCK); // some may not get in before the end
    assertThat(verdict.latencyMs().p50()).isPositive();
    assertThat(progress).isNotEmpty();
    assertThat(progress.get(progress.size() - 1).line()).contains("accepted");
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "NEVER_ANSWERS",
        "SELLS_TOO_MUCH",
        "FORGETS_ORDERS",
        "NEW_ORDER_FOR_A_KNOWN_KEY",
        "KEEPS_UNITS_BACK",
        "ANSWERS_THE_WRONG_KEY"
      })
  void aCheatingShopIsCaught(Fault fault) throws TimeoutException {
    assertThat(sale(fault).judgement()).isEqualTo(Judgement.BROKEN);
  }

  @Test
  void aFailingTokenFunctionFailsTheCrowd() {
    CrowdPlan plan =
        new CrowdPlan(
            URI.create("http://127.0.0.1:1"), "1001", 1, 1, 7, System.currentTimeMillis());

    assertThatThrownBy(
            () ->
                Crowd.run(
                        plan,
                        user -> {
                          throw new IllegalStateException("no secret");
                        },
                        progress::add)
                    .await(10, SECONDS))
        .hasMessageContaining("no secret");
  }

  private Verdict sale(Fault fault) throws TimeoutException {
    // Time for a cold JVM to connect everybody: who is not there yet when the sale ends never
    // shakes.
    long opensAt = System.currentTimeMillis() + 2_000;
    FakeShop shop = FakeShop.on(vertx, fault, opensAt, STOCK);
    CrowdPlan plan = new CrowdPlan(shop.listen(), "1001", USERS, 2, 7, opensAt);
    Tokens tokens = new Tokens("x".repeat(32));

    CrowdReport report =
        Crowd.run(plan, user -> tokens.shopper(user, Instant.now().plusSeconds(60)), progress::add)
            .await(40, SECONDS);

    return Verdict.compute(report, shop.books(), 1, "test");
  }
}
