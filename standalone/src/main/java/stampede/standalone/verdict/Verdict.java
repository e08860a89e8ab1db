package stampede.standalone.verdict;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import stampede.standalone.crowd.CrowdReport;
import stampede.standalone.crowd.KeyHistory;
import stampede.standalone.verdict.Books.Rows;

/**
 * Whether a sale was honest: what its crowd was told against what the books say.
 *
 * <p>Without books {@code stock}, {@code orders}, {@code oversold}, {@code undersold} and {@code
 * lost} are null.
 *
 * @param stock units on sale
 * @param shakes shake frames sent
 * @param accepted keys whose outcome is accepted
 * @param soldOut keys whose outcome is sold_out
 * @param otherOutcomes keys by any other outcome
 * @param orders rows of the item that are not released
 * @param oversold units in orders beyond the stock
 * @param undersold units left though somebody was sent away
 * @param duplicates orders or order ids too many for a key
 * @param lost accepted keys without their order in the books
 * @param unanswered keys that stay open
 * @param problems every fault in words, those without a number of their own included
 * @param judgement balanced, BROKEN or unchecked
 */
public record Verdict(
    @Nullable Long stock,
    long shakes,
    long accepted,
    long soldOut,
    Map<String, Long> otherOutcomes,
    @Nullable Long orders,
    @Nullable Long oversold,
    @Nullable Long undersold,
    long duplicates,
    @Nullable Long lost,
    long unanswered,
    double shakesPerSecond,
    Latency latencyMs,
    long seed,
    String version,
    Judgement judgement,
    List<String> problems) {

  /** Percentiles of a shake's latency, milliseconds. */
  public record Latency(double p50, double p99, double p999) {
    static Latency of(Histogram micros) {
      return new Latency(millis(micros, 50), millis(micros, 99), millis(micros, 99.9));
    }

    private static double millis(Histogram micros, double percentile) {
      return micros.getTotalCount() == 0 ? 0 : micros.getValueAtPercentile(percentile) / 1_000.0;
    }
  }

  /** The last word; its text is what the JSON says, its exit code what the process ends with. */
  public enum Judgement {
    BALANCED("balanced", 0),
    BROKEN("BROKEN", 1),
    UNCHECKED("unchecked", 3);

    private final String text;
    private final int exitCode;

    Judgement(String text, int exitCode) {
      this.text = text;
      this.exitCode = exitCode;
    }

    public String text() {
      return text;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  /** {@link #compute(CrowdReport, Rows, int, boolean, String)} of a crowd that was alone. */
  public static Verdict compute(
      CrowdReport crowd, @Nullable Rows books, int limitPerUser, String version) {
    return compute(crowd, books, limitPerUser, true, version);
  }

  /**
   * Judges a sale.
   *
   * @param books the item's rows after the drain is quiet; null if nobody may read them
   * @param limitPerUser units one user may have in orders that are not released
   * @param alone whether every order of the item must be of this crowd; otherwise those of users it
   *     does not have are theirs
   */
  public static Verdict compute(
      CrowdReport crowd, @Nullable Rows books, int limitPerUser, boolean alone, String version) {
    Audit audit = new Audit(crowd.users(), books == null ? List.of() : books.orders());
    Map<String, Long> outcomes = outcomes(crowd);
    long duplicates = audit.duplicates();
    long unanswered = audit.unanswered();
    audit.noteTalk(crowd.strayFrames());
    audit.noteSilence(crowd.shakes());
    Long lost = null;
    Long oversold = null;
    Long undersold = null;
    if (books != null) {
      lost = audit.lost();
      oversold = audit.oversold(books.stock());
      undersold = audit.undersold(books.stock());
      audit.noteStock(books.stock());
      audit.noteOrders(alone);
      audit.noteLimit(limitPerUser);
    }
    return new Verdict(
        books == null ? null : books.stock().stock(),
        crowd.shakes(),
        take(outcomes, "accepted"),
        take(outcomes, "sold_out"),
        outcomes,
        books == null ? null : books.orders().stream().filter(order -> !order.released()).count(),
        oversold,
        undersold,
        duplicates,
        lost,
        unanswered,
        Math.round(crowd.shakesPerSecond() * 10) / 10.0,
        Latency.of(crowd.latencyMicros()),
        crowd.plan().seed(),
        version,
        judge(books != null, audit.problems(), oversold, undersold),
        List.copyOf(audit.problems()));
  }

  /** The one object documented for {@code --json}. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("stock", stock)
        .put("shakes", shakes)
        .put("accepted", accepted)
        .put("soldOut", soldOut)
        .put("otherOutcomes", new JsonObject(new TreeMap<String, Object>(otherOutcomes)))
        .put("orders", orders)
        .put("oversold", oversold)
        .put("undersold", undersold)
        .put("duplicates", duplicates)
        .put("lost", lost)
        .put("unanswered", unanswered)
        .put("shakesPerSecond", shakesPerSecond)
        .put(
            "latencyMs",
            new JsonObject()
                .put("p50", latencyMs.p50())
                .put("p99", latencyMs.p99())
                .put("p999", latencyMs.p999()))
        .put("seed", seed)
        .put("version", version)
        .put("verdict", judgement.text());
  }

  /** The same for a terminal, with every problem in words. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    line(text, "stock", stock + " units");
    line(text, "shakes", shakes + " (" + shakesPerSecond + "/s)");
    line(text, "told", "accepted " + accepted + ", sold_out " + soldOut + others());
    line(text, "orders", orders + " in the books");
    line(text, "oversold", oversold + ", undersold " + undersold + ", duplicates " + duplicates);
    line(text, "lost", lost + ", unanswered " + unanswered);
    line(
        text,
        "latency",
        "p50 "
            + latencyMs.p50()
            + " ms, p99 "
            + latencyMs.p99()
            + " ms, p99.9 "
            + latencyMs.p999()
            + " ms");
    problems.forEach(problem -> line(text, "problem", problem));
    line(text, "verdict", judgement.text() + " (seed " + seed + ", version " + version + ")");
    return text.toString().replace("null", "?");
  }

  private String others() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(otherOutcomes)
        .forEach((outcome, keys) -> text.append(", ").append(outcome).append(' ').append(keys));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format("  %-9s %s%n", name, value));
  }

  private static Judgement judge(
      boolean checked, List<String> problems, @Nullable Long oversold, @Nullable Long undersold) {
    if (!checked) {
      return Judgement.UNCHECKED;
    }
    boolean good =
        problems.isEmpty() && Long.valueOf(0).equals(oversold) && Long.valueOf(0).equals(undersold);
    return good ? Judgement.BALANCED : Judgement.BROKEN;
  }

  private static Map<String, Long> outcomes(CrowdReport crowd) {
    Map<String, Long> outcomes = new TreeMap<>();
    for (var user : crowd.users()) {
      for (KeyHistory key : user.keys()) {
        if (key.outcome() != null && !key.open()) {
          outcomes.merge(key.outcome(), 1L, Long::sum);
        }
      }
    }
    return outcomes;
  }

  private static long take(Map<String, Long> outcomes, String outcome) {
    Long keys = outcomes.remove(outcome);
    return keys == null ? 0 : keys;
  }
}
