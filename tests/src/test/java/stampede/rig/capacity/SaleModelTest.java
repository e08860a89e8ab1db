package stampede.rig.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** What holds in every sale of the model, and that it foretells a sale that was measured. */
class SaleModelTest {
  private static final Plan SMALL = new Plan(100_000, 8, 16_000, 100, 4, 4, 8, 2, 1, 250);
  private static final double SECONDS = 4;

  private final Costs costs = Costs.known();
  private final Bounds bounds = Bounds.ofProduct();

  @Test
  void everyShakeIsAnsweredOnceAndTheStockIsSoldExactly() {
    Result result = SaleModel.play(SMALL, costs, bounds, 1);

    long units = SMALL.itemsOfFullestPartition() * SMALL.units() / SMALL.items();
    assertThat(result.unanswered()).isZero();
    assertThat(result.answeredTwice()).isZero();
    assertThat(result.accepted() + result.soldOut()).isEqualTo(result.shakes());
    assertThat(result.accepted()).isEqualTo(units);
    assertThat(result.decided()).isEqualTo(units);
    assertThat(result.drained()).isEqualTo(units);
  }

  @Test
  void noBoundIsExceededUnderAnyLoad() {
    Bounds tight = new Bounds(16, 200, 2, 50, 40, 2_000, 8, 300, 100, 1_000_000, 100, 20_000);

    Result result = SaleModel.play(SMALL, costs, tight, 2);

    Result.Peaks peaks = result.peaks();
    assertThat(peaks.batch()).isLessThanOrEqualTo(16);
    assertThat(peaks.batches()).isLessThanOrEqualTo(2);
    assertThat(peaks.queue()).isLessThanOrEqualTo(200);
    assertThat(peaks.beyondLine()).isLessThanOrEqualTo(40);
    assertThat(peaks.held()).isLessThanOrEqualTo(8);
    assertThat(peaks.collecting()).isLessThan(300 + 16); // one message more than it had room for
    assertThat(result.busy()).as("phones told to come again").isPositive();
    assertThat(result.answeredTwice()).isZero();
    assertThat(result.accepted() + result.soldOut() + result.unanswered())
        .isEqualTo(result.shakes());
  }

  @Test
  void aSeedHasOneResult() {
    Result first = SaleModel.play(SMALL, costs, bounds, 3);

    assertThat(SaleModel.play(SMALL, costs, bounds, 3)).isEqualTo(first);
    assertThat(SaleModel.play(SMALL, costs, bounds, 4)).isNotEqualTo(first);
  }

  @Test
  void theRateOfTheMeasuredRunIsForetold() {
    int clients = (int) costs.of("run.connections");

    Result closed = SaleModel.onOneMachine(2, clients, 0, SECONDS, costs, bounds);

    double measured = costs.of("run.acceptedASecond");
    assertThat(closed.answersASecond()).isBetween(measured / 1.25, measured * 1.25);
  }

  @Test
  void theAnswerTimesOfTheMeasuredRunAreForetold() {
    int clients = (int) costs.of("run.connections");

    Result half =
        SaleModel.onOneMachine(2, clients, costs.of("run.halfASecond"), SECONDS, costs, bounds);

    assertThat(half.unanswered()).isZero();
    assertThat(half.p50Ms())
        .isBetween(costs.of("run.halfP50Ms") / 1.7, costs.of("run.halfP50Ms") * 1.7);
    assertThat(half.p99Ms())
        .isBetween(costs.of("run.halfP99Ms") / 1.7, costs.of("run.halfP99Ms") * 1.7);
  }

  @Test
  void halfAsManyEdgesTakeTwiceAsLongWhereEdgesAreTheNarrowest() {
    Plan rush = new Plan(100_000, 8, 800, 1, 4, 0, 2, 2, 1, 250); // edges are the narrowest
    double two = SaleModel.play(rush, costs, bounds, 5).lastAnswerMs();

    double one = SaleModel.play(rush.withEdges(1), costs, bounds, 5).lastAnswerMs();

    assertThat(one / two).isCloseTo(2, within(0.3));
  }
}
