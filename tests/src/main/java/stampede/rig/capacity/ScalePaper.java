package stampede.rig.capacity;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The tables of {@code docs/scale.md}, each made of {@link Costs}, {@link Bounds} and what {@link
 * SaleModel} says of them; {@link #main} prints them.
 */
public final class ScalePaper {
  static final long PHONES = 10_000_000;
  static final int ITEMS = 1_000;
  static final long UNITS = 1_000_000;
  static final double P99_MS_AIM = 3_000;
  static final double SOLD_OUT_MS_AIM = 2_000;
  private static final long SEED = 7;

  /** What somebody would buy for it. */
  static final Plan PLAN = new Plan(PHONES, ITEMS, UNITS, 1_000, 64, 288, 240, 16, 4, 250);

  /** All of them shake for one item with as many units: one partition, one owner. */
  static final Plan ONE_ITEM = new Plan(1_000_000, 1, 100_000, 1_000, 1, 48, 24, 1, 1, 250);

  /** What each tier of the plan is cut to, one tier at a time. */
  private static final double[] CUTS = {1.5, 2, 3, 4};

  /** What can be cut. */
  enum Tier {
    SALES("sale nodes"),
    PROXIES("Nginx' workers"),
    EDGES("edges"),
    REDIS("Redis' speed");

    private final String word;

    Tier(String word) {
      this.word = word;
    }
  }

  private final Costs costs;
  private final Bounds bounds;

  ScalePaper(Costs costs, Bounds bounds) {
    this.costs = costs;
    this.bounds = bounds;
  }

  public static void main(String[] args) {
    ScalePaper paper = new ScalePaper(Costs.known(), Bounds.ofProduct());
    System.out.println(paper.costsTable());
    System.out.println(paper.sizesTable());
    System.out.println(paper.casesTable());
    System.out.println(paper.cutsTable());
    System.out.println(paper.runTable());
  }

  Result play(Plan plan) {
    return SaleModel.play(plan, costs, bounds, SEED);
  }

  /** The plan with so many times less of that tier. */
  Result cut(Tier tier, double times) {
    if (tier == Tier.REDIS) {
      return SaleModel.play(PLAN, costs.withSlowerRedis(times), bounds, SEED);
    }
    if (tier == Tier.SALES) {
      return play(PLAN.withSales((int) (PLAN.sales() / times)));
    }
    if (tier == Tier.PROXIES) {
      return play(PLAN.withProxyWorkers((int) (PLAN.proxyWorkers() / times)));
    }
    return play(PLAN.withEdges((int) (PLAN.edges() / times)));
  }

  /** The paper calls a plan good that keeps this. */
  static boolean holds(Result result) {
    return result.unanswered() == 0
        && result.p99Ms() <= P99_MS_AIM
        && result.soldOutMs() <= SOLD_OUT_MS_AIM;
  }

  String costsTable() {
    return """
    | cost | µs of one core | |
    |---|---|---|
    | edge: an accepted shake; one refused by itself | %s; %s | measured |
    | owner: an accepted shake; a refused one | %s; %s | measured |
    | persist, MySQL: an order drained | %s; %s | measured |
    | a message of the bus: at the edge; at the owner | %s; %s | derived: both sides were measured together, and halved |
    | Redis: an event; an append; waiting for fsync | %s; %s; %s | derived from appends of three sizes |
    | edge: a frame pushed; a handshake | %s; %s | assumed |
    | Nginx: a frame passed on under TLS; a full TLS handshake | %s; %s | assumed |
    """
        .formatted(
            micros("edge.shakeMicros"),
            micros("edge.refusedMicros"),
            micros("sale.shakeMicros"),
            micros("sale.refusedMicros"),
            micros("persist.rowMicros"),
            micros("mysql.rowMicros"),
            micros("edge.messageMicros"),
            micros("sale.messageMicros"),
            micros("redis.eventMicros"),
            micros("redis.appendMicros"),
            number(costs.fsyncMicros()),
            micros("edge.pushMicros"),
            micros("edge.handshakeMicros"),
            micros("proxy.frameMicros"),
            micros("proxy.tlsHandshakeMicros"));
  }

  String sizesTable() {
    double socketsAnEdge = (double) PHONES / PLAN.edges();
    double edgeGigabytes = socketsAnEdge * costs.of("edge.socketBytes") / 1e9;
    double proxyGigabytes = PHONES * costs.of("proxy.socketBytes") / 1e9;
    double comeSeconds = costs.of("crowd.comeSeconds");
    double tlsCores = PHONES / comeSeconds * costs.of("proxy.tlsHandshakeMicros") / 1e6;
    double upgrades = PHONES / comeSeconds / PLAN.edges();
    double upgradeLoad = upgrades * costs.of("edge.handshakeMicros") / 1e6;
    double letInASecond = Bounds.LET_IN_A_TURN * 1e3 / Bounds.TURN_MS;
    double cpuASecond = 1e6 / costs.of("edge.handshakeMicros");
    double backSeconds = socketsAnEdge / (PLAN.edges() - 1) / Math.min(letInASecond, cpuASecond);
    double allBackSeconds = socketsAnEdge / Math.min(letInASecond, cpuASecond);
    double shakeGigabits = PHONES * costs.of("wire.shakeBytes") * 8 / 1e9;
    double answerGigabits = PHONES * costs.of("wire.answerBytes") * 8 / 1e9;
    double pushGigabits = PHONES * costs.of("wire.itemBytes") * 8 / 1e9;
    double pageGigabits = PHONES * costs.of("page.bytes") * 8 / 1e9 / comeSeconds;
    double tlsGigabits = PHONES * costs.of("wire.tlsHandshakeBytes") * 8 / 1e9 / comeSeconds;
    double logBytes = UNITS * 2 * costs.of("redis.bytesAnEvent") / 1e6;
    List<String> rows = new ArrayList<>();
    row(
        rows,
        "sockets an edge; its default is %,d".formatted(bounds.socketsMax()),
        "%,.0f",
        socketsAnEdge);
    row(
        rows,
        "open files an edge; a pair of addresses has about 28,000 ports",
        "%,.0f",
        socketsAnEdge + 1_000);
    row(rows, "memory of an edge's sockets, GB", "%.1f", edgeGigabytes);
    row(rows, "memory of Nginx' sockets, all machines, GB", "%.0f", proxyGigabytes);
    row(rows, "open files of Nginx, all machines", "%,.0f", 2.0 * PHONES);
    row(rows, "cores of Nginx for TLS while people come", "%.0f", tlsCores);
    row(rows, "load of an edge by upgrades while people come, %%", "%.1f", 100 * upgradeLoad);
    row(rows, "pages and TLS while people come, Gbit/s", "%.1f", pageGigabits + tlsGigabits);
    row(
        rows,
        "shakes in, in the first second, Gbit",
        "%.1f",
        shakeGigabits * (1 - Math.exp(-1e3 / PLAN.meanComeMs())));
    row(rows, "answers out, Gbit in all", "%.1f", answerGigabits);
    row(rows, "one item frame to everybody, Gbit", "%.1f", pushGigabits);
    row(rows, "one edge lost: its phones in again on the others, seconds", "%.2f", backSeconds);
    row(rows, "all edges lost: everybody in again, seconds at best", "%.1f", allBackSeconds);
    row(rows, "journal of a paid-up sale in Redis, MB", "%,.0f", logBytes);
    row(rows, "members of Hazelcast; heartbeats a second and member", "%,.0f", members());
    return "| derived | |\n|---|---|\n" + String.join("", rows);
  }

  private static double members() {
    return PLAN.edges() + PLAN.sales() + PLAN.persists();
  }

  private static void row(List<String> rows, String what, String format, double value) {
    rows.add("| " + what.replace("%%", "%") + " | " + format.formatted(value) + " |\n");
  }

  String casesTable() {
    return """
    | in the model | p50, p99 of the answer | unanswered | sold out | in MySQL | busy, sent again | shakes a message, orders an append | |
    |---|---|---|---|---|---|---|---|
    %s%s"""
        .formatted(
            planRow(play(PLAN)),
            line("one item: 1 million phones, 100,000 units, 24 edges", play(ONE_ITEM)));
  }

  static String planRow(Result result) {
    return line("the plan", result);
  }

  private static String line(String name, Result r) {
    return String.format(
        Locale.ROOT,
        "| %s | %s, %s s | %,d | %s s | %s s | %,d, %,d | %.0f, %.0f | %s |\n",
        name,
        seconds(r.p50Ms()),
        seconds(r.p99Ms()),
        r.unanswered(),
        seconds(r.soldOutMs()),
        seconds(r.drainedMs()),
        r.busy(),
        r.timeouts(),
        r.shakesAMessage(),
        r.eventsAnAppend(),
        verdict(r));
  }

  String cutsTable() {
    StringBuilder table = new StringBuilder();
    table.append("| the plan with less of | 1/1.5 | 1/2 | 1/3 | 1/4 |\n|---|---|---|---|---|\n");
    List.of(Tier.values()).parallelStream().map(this::cutsRow).forEachOrdered(table::append);
    return table.toString();
  }

  private String cutsRow(Tier tier) {
    StringBuilder row = new StringBuilder(rowHead(tier));
    for (double times : CUTS) {
      row.append(cell(cut(tier, times)));
    }
    return row.append('\n').toString();
  }

  static String rowHead(Tier tier) {
    return "| " + tier.word + " |";
  }

  /** p99 of the answers there were, phones without one, and whether the aims are kept. */
  static String cell(Result r) {
    return String.format(
        Locale.ROOT, " %s s, %,d, %s |", seconds(r.p99Ms()), r.unanswered(), verdict(r));
  }

  private static String verdict(Result result) {
    return holds(result) ? "holds" : "fails";
  }

  /** The model against the run its costs were measured in. */
  String runTable() {
    int clients = (int) costs.of("run.connections");
    Result closed = SaleModel.onOneMachine(2, clients, 0, 4, costs, bounds);
    double halfRate = costs.of("run.halfASecond");
    Result half = SaleModel.onOneMachine(2, clients, halfRate, 4, costs, bounds);
    return """
    | edge, sale, persist, stores and clients on 2 cores | measured | model |
    |---|---|---|
    | accepted a second, %,d sockets | %,.0f | %,.0f |
    | at half of that: p50; p99, ms | %.1f; %.1f | %.1f; %.1f |
    """
        .formatted(
            clients,
            costs.of("run.acceptedASecond"),
            closed.answersASecond(),
            costs.of("run.halfP50Ms"),
            costs.of("run.halfP99Ms"),
            half.p50Ms(),
            half.p99Ms());
  }

  private String micros(String name) {
    return number(costs.of(name));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%,.0f", value);
  }

  private static String seconds(double ms) {
    return String.format(Locale.ROOT, "%.1f", ms / 1e3);
  }
}
