package stampede.standalone.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import stampede.standalone.crowd.CrowdPlan;
import stampede.standalone.crowd.CrowdReport;
import stampede.standalone.crowd.KeyHistory;
import stampede.standalone.crowd.UserHistory;
import stampede.standalone.verdict.Books.OrderRow;
import stampede.standalone.verdict.Books.Rows;
import stampede.standalone.verdict.Books.StockRow;
import stampede.standalone.verdict.Verdict.Judgement;

/**
 * Each bad history differs from a good sale (stock 2; u1 and u2 win, u3 is sent away) by one fault.
 */
class VerdictTest {
  /** A sale that can be spoilt. */
  private static final class Sale {
    final List<UserHistory> users =
        new ArrayList<>(
            List.of(
                user("u1", accepted("k1", "o1", 1)),
                user("u2", accepted("k2", "o2", 2)),
                user("u3", refused("k3", "sold_out", 2))));
    final List<OrderRow> orders =
        new ArrayList<>(
            List.of(order("o1", "u1", "k1", 1, "held", 1), order("o2", "u2", "k2", 1, "paid", 2)));
    StockRow stock = new StockRow(0, 1, 1, 2, 2);
    long strayFrames;

    Verdict verdict() {
      return verdict(true);
    }

    Verdict verdict(boolean alone) {
      CrowdPlan plan = new CrowdPlan(URI.create("http://127.0.0.1:8080"), "1001", 3, 1, 7, 0);
      Histogram latency = new Histogram(3);
      latency.recordValue(1_500);
      CrowdReport report = new CrowdReport(plan, users, 3, Map.of(), latency, 2.0, strayFrames, 0);
      return Verdict.compute(report, new Rows(orders, stock), 1, alone, "test");
    }
  }

  @Test
  void aGoodSaleIsBalanced() {
    Verdict verdict = new Sale().verdict();

    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict.judgement()).isEqualTo(Judgement.BALANCED);
    assertThat(verdict.accepted()).isEqualTo(2);
    assertThat(verdict.soldOut()).isEqualTo(1);
    assertThat(verdict.orders()).isEqualTo(2);
  }

  @Test
  void ordersOfOthersAreFineOnlyWhereOthersAreAllowed() {
    Sale sale = new Sale();
    sale.orders.add(order("o3", "stranger", "k9", 1, "paid", 3));
    sale.stock = new StockRow(0, 1, 2, 3, 3);

    assertThat(sale.verdict(false).judgement()).isEqualTo(Judgement.BALANCED);
    assertThat(sale.verdict(true).judgement()).isEqualTo(Judgement.BROKEN);
  }

  @Test
  void anOrderOfOnesOwnThatNobodySentIsAFaultEvenAmongOthers() {
    Sale sale = new Sale();
    sale.orders.add(order("o3", "u3", "k9", 1, "paid", 3));
    sale.stock = new StockRow(0, 1, 2, 3, 3);

    assertThat(sale.verdict(false).problems()).anyMatch(p -> p.startsWith("order nobody sent"));
  }

  @Test
  void aReleasedOrderIsNoLossAndItsUnitMayLieIdle() {
    Verdict verdict =
        spoilt(
            sale -> {
              sale.orders.set(0, order("o1", "u1", "k1", 1, "released", 1));
              sale.stock = new StockRow(1, 0, 1, 2, 3);
            });

    assertThat(verdict.judgement()).isEqualTo(Judgement.BALANCED);
    assertThat(verdict.orders()).isEqualTo(1);
  }

  @Test
  void unitsNobodyWantedAreNotUndersold() {
    Verdict verdict =
        spoilt(
            sale -> {
              sale.users.set(2, user("u3", refused("k3", "limit_reached", 2)));
              sale.stock = new StockRow(3, 1, 1, 5, 2);
            });

    assertThat(verdict.judgement()).isEqualTo(Judgement.BALANCED);
    assertThat(verdict.otherOutcomes()).containsEntry("limit_reached", 1L);
  }

  @Test
  void aShakeRefusedAtTheEdgeLeavesTheBooksBalanced() {
    assertThat(spoilt(sale -> sale.users.set(2, user("u3", atEdge("k3", "throttled")))).judgement())
        .isEqualTo(Judgement.BALANCED);
  }

  @Test
  void anAcceptedOrderMissingInTheBooksIsLost() {
    Verdict verdict =
        broken(
            sale -> {
              sale.orders.remove(0);
              sale.stock = new StockRow(1, 0, 1, 2, 2);
            });

    assertThat(verdict.lost()).isEqualTo(1);
  }

  @Test
  void anOrderOfAnotherUserIsLost() {
    assertThat(broken(sale -> sale.orders.set(0, order("o1", "u3", "k1", 1, "held", 1))).lost())
        .isEqualTo(1);
  }

  @Test
  void anOrderUnderAnotherKeyIsLost() {
    assertThat(broken(sale -> sale.orders.set(0, order("o1", "u1", "k9", 1, "held", 1))).lost())
        .isEqualTo(1);
  }

  @Test
  void anOrderUnderAnotherIdIsLost() {
    assertThat(broken(sale -> sale.orders.set(0, order("o9", "u1", "k1", 1, "held", 1))).lost())
        .isEqualTo(1);
  }

  @Test
  void anOrderOfAnotherQuantityIsLost() {
    assertThat(broken(sale -> sale.orders.set(0, order("o1", "u1", "k1", 2, "held", 1))).lost())
        .isEqualTo(1);
  }

  @Test
  void twoRowsForOneKeyAreDuplicates() {
    Verdict verdict =
        broken(
            sale -> {
              sale.orders.add(order("o3", "u1", "k1", 1, "held", 2));
              sale.stock = new StockRow(0, 2, 1, 3, 2);
            });

    assertThat(verdict.duplicates()).isEqualTo(1);
  }

  @Test
  void oneOrderIdForTwoKeysIsADuplicate() {
    assertThat(
            broken(sale -> sale.orders.set(1, order("o1", "u2", "k2", 1, "paid", 2))).duplicates())
        .isEqualTo(1);
  }

  @Test
  void twoOrderIdsToldForOneKeyAreDuplicates() {
    assertThat(
            broken(sale -> sale.users.set(0, user("u1", told("k1", List.of("o1", "o9"), false))))
                .duplicates())
        .isEqualTo(1);
  }

  @Test
  void moreOrdersThanStockAreOversold() {
    Verdict verdict =
        broken(
            sale -> {
              sale.users.set(2, user("u3", accepted("k3", "o3", 3)));
              sale.orders.add(order("o3", "u3", "k3", 1, "held", 3));
              sale.stock = new StockRow(-1, 2, 1, 2, 3);
            });

    assertThat(verdict.oversold()).isEqualTo(1);
  }

  @Test
  void aStockRowBeyondItsStockIsOversoldEvenIfNoOrderIs() {
    assertThat(broken(sale -> sale.stock = new StockRow(0, 2, 1, 2, 2)).oversold()).isEqualTo(1);
  }

  @Test
  void unitsLeftWhileSomebodyWasSentAwayAreUndersold() {
    Verdict verdict = broken(sale -> sale.stock = new StockRow(3, 1, 1, 5, 2));

    assertThat(verdict.undersold()).isEqualTo(1);
  }

  @Test
  void aStockRowThatDoesNotAddUpIsBroken() {
    assertThat(broken(sale -> sale.stock = new StockRow(0, 1, 1, 3, 2)).problems())
        .anyMatch(p -> p.startsWith("stock"));
  }

  @Test
  void aStockRowThatDisagreesWithTheOrdersIsBroken() {
    assertThat(broken(sale -> sale.stock = new StockRow(0, 2, 0, 2, 2)).problems()).hasSize(1);
  }

  @Test
  void aStockRowOlderThanAnOrderIsBroken() {
    assertThat(broken(sale -> sale.stock = new StockRow(0, 1, 1, 2, 1)).problems()).hasSize(1);
  }

  @Test
  void aKeyWithoutAnAnswerIsUnanswered() {
    Verdict verdict = broken(sale -> sale.users.set(2, user("u3", open("k3"))));

    assertThat(verdict.unanswered()).isEqualTo(1);
    assertThat(verdict.soldOut()).isZero();
  }

  @Test
  void anOrderNobodySentIsBroken() {
    Verdict verdict =
        broken(
            sale -> {
              sale.orders.add(order("o3", "u9", "k9", 1, "held", 2));
              sale.stock = new StockRow(0, 2, 1, 3, 2);
            });

    assertThat(verdict.problems()).anyMatch(p -> p.startsWith("order nobody sent"));
  }

  @Test
  void anOrderForAKeyThatWasMadeButNeverSentIsBroken() {
    assertThat(broken(sale -> sale.users.set(0, user("u1", neverSent("k1")))).problems())
        .anyMatch(p -> p.startsWith("order nobody sent"));
  }

  @Test
  void aUserAboveTheLimitIsBroken() {
    Verdict verdict =
        broken(
            sale -> {
              sale.users.set(0, user("u1", accepted("k1", "o1", 1), accepted("k1b", "o3", 3)));
              sale.orders.add(order("o3", "u1", "k1b", 1, "held", 3));
              sale.stock = new StockRow(0, 2, 1, 3, 3);
            });

    assertThat(verdict.problems()).anyMatch(p -> p.startsWith("above the limit"));
  }

  @Test
  void aWinnerToldNoByTheOwnerIsBroken() {
    assertThat(
            broken(sale -> sale.users.set(0, user("u1", refused("k1", "sold_out", 2)))).problems())
        .anyMatch(p -> p.startsWith("winner told no"));
  }

  @Test
  void aWinnerToldThatNothingWasPassedOnIsBroken() {
    assertThat(broken(sale -> sale.users.set(0, user("u1", atEdge("k1", "busy")))).problems())
        .anyMatch(p -> p.startsWith("winner told no"));
  }

  @Test
  void aNoAfterAYesIsBroken() {
    assertThat(
            broken(sale -> sale.users.set(0, user("u1", told("k1", List.of("o1"), true))))
                .problems())
        .anyMatch(p -> p.startsWith("no after yes"));
  }

  @Test
  void aFrameForSomebodyElseIsBroken() {
    assertThat(broken(sale -> sale.strayFrames = 1).problems())
        .anyMatch(p -> p.startsWith("stray"));
  }

  @Test
  void anUnknownOrderStatusIsBroken() {
    broken(sale -> sale.orders.set(0, order("o1", "u1", "k1", 1, "limbo", 1)));
  }

  @Test
  void withoutBooksNothingIsClaimed() {
    Sale sale = new Sale();
    CrowdPlan plan = new CrowdPlan(URI.create("http://127.0.0.1:8080"), "1001", 3, 1, 7, 0);
    CrowdReport report = new CrowdReport(plan, sale.users, 3, Map.of(), new Histogram(3), 0, 0, 0);

    Verdict verdict = Verdict.compute(report, null, 1, "test");

    assertThat(verdict.judgement()).isEqualTo(Judgement.UNCHECKED);
    assertThat(verdict.judgement().exitCode()).isEqualTo(3);
    assertThat(verdict.toJson().getMap())
        .containsEntry("orders", null)
        .containsEntry("lost", null)
        .containsEntry("oversold", null);
    assertThat(verdict.toText()).contains("unchecked").doesNotContain("null");
  }

  @Test
  void theJsonHasExactlyTheDocumentedFields() {
    var json = new Sale().verdict().toJson();

    assertThat(json.fieldNames())
        .containsExactly(
            "stock",
            "shakes",
            "accepted",
            "soldOut",
            "otherOutcomes",
            "orders",
            "oversold",
            "undersold",
            "duplicates",
            "lost",
            "unanswered",
            "shakesPerSecond",
            "latencyMs",
            "seed",
            "version",
            "verdict");
    assertThat(json.getJsonObject("latencyMs").fieldNames()).containsExactly("p50", "p99", "p999");
    assertThat(json.getJsonObject("latencyMs").getDouble("p50")).isEqualTo(1.5);
    assertThat(json.getDouble("shakesPerSecond")).isEqualTo(1.5);
    assertThat(json.getString("verdict")).isEqualTo("balanced");
  }

  private static Verdict spoilt(Consumer<Sale> fault) {
    Sale sale = new Sale();
    fault.accept(sale);
    return sale.verdict();
  }

  private static Verdict broken(Consumer<Sale> fault) {
    Verdict verdict = spoilt(fault);
    assertThat(verdict.judgement()).isEqualTo(Judgement.BROKEN);
    assertThat(verdict.judgement().exitCode()).isEqualTo(1);
    assertThat(verdict.toJson().getString("verdict")).isEqualTo("BROKEN");
    return verdict;
  }

  private static UserHistory user(String name, KeyHistory... keys) {
    return new UserHistory(name, Arrays.asList(keys), List.of(), 0);
  }

  private static KeyHistory accepted(String key, String order, long position) {
    return new KeyHistory(key, 1, 1, List.of(order), "accepted", true, position, false, false);
  }

  private static KeyHistory told(String key, List<String> orders, boolean contradicted) {
    return new KeyHistory(key, 1, 2, orders, "accepted", true, 1, false, contradicted);
  }

  private static KeyHistory refused(String key, String outcome, long position) {
    return new KeyHistory(key, 1, 1, List.of(), outcome, true, position, false, false);
  }

  private static KeyHistory atEdge(String key, String outcome) {
    return new KeyHistory(key, 1, 1, List.of(), outcome, false, 0, false, false);
  }

  private static KeyHistory open(String key) {
    return new KeyHistory(key, 1, 1, List.of(), null, false, 0, true, false);
  }

  private static KeyHistory neverSent(String key) {
    return new KeyHistory(key, 1, 0, List.of(), null, false, 0, false, false);
  }

  private static OrderRow order(
      String id, String user, String key, int quantity, String status, long position) {
    return new OrderRow(id, user, key, quantity, status, position);
  }
}
