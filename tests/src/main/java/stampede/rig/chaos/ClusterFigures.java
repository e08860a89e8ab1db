package stampede.rig.chaos;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import stampede.rig.check.Mark;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.NodeRole;

/**
 * How long a cluster of real processes takes over what is lost, measured on a crowd that does not
 * wait; the books are checked afterwards. {@code -Dfigures=kills,handover,redis,mysql} chooses,
 * {@code -Dkills=20 -Dhandovers=50 -Devents=200000 -DawaySeconds=60 -Drate=300} sizes. Exit 0 =
 * clean; the figures are only printed: they are worth what the machine was doing besides.
 */
public final class ClusterFigures {
  private static final long GAP_MS_MAX = 60_000;
  private static final long SAFE_MS_MAX = 120_000;
  private static final long SETTLED_MS = 4_500;
  private static final long LOOK_MS = 500;
  private static final long CALM_MS = 3_000;
  private static final long EVENTS_MS_MAX = 1_800_000;
  private static final int FILL_RATE = 1_000;
  private static final int SHOWN_MAX = 10;
  private static final long CATCH_UP_MS_MAX = 300_000;

  private final Scene scene;
  private final int rate;
  private final List<FaultDone> done = new ArrayList<>();
  private final List<String> troubles = new ArrayList<>();
  private final long beganNanos = System.nanoTime();

  private ClusterFigures(Scene scene, int rate) {
    this.scene = scene;
    this.rate = rate;
  }

  public static void main(String[] args) {
    int rate = Integer.getInteger("rate", 300);
    ChaosPlan plan = ChaosPlan.figures(rate);
    ChaosReport report =
        ChaosRun.run(plan, System.out, scene -> new ClusterFigures(scene, rate).measure());
    System.exit(report.isClean() ? 0 : 1);
  }

  private Scene.Done measure() {
    String wanted = "," + System.getProperty("figures", "kills,redis,mysql,handover") + ",";
    Pause.ms(2 * SETTLED_MS);
    if (wanted.contains(",kills,")) {
      kills(Integer.getInteger("kills", 20));
    }
    if (wanted.contains(",redis,")) {
      redis();
    }
    if (wanted.contains(",mysql,")) {
      mysqlAway(Integer.getInteger("awaySeconds", 60));
    }
    if (wanted.contains(",handover,")) {
      handOvers(Integer.getInteger("handovers", 50), Long.getLong("events", 200_000));
    }
    return new Scene.Done(done, troubles);
  }

  private void kills(int times) {
    List<Long> gaps = new ArrayList<>();
    List<String> sales = scene.shop().names(NodeRole.SALE);
    for (int i = 0; gaps.size() < times && i < 3 * times; i++) {
      String victim = sales.get(i % sales.size());
      Set<String> items = scene.plentyOwnedBy(victim);
      if (items.isEmpty()) {
        continue; // nothing of it would be missed
      }
      gaps.add(
          during(
              FaultKind.KILL_SALE,
              victim,
              () -> {
                scene.shop().cluster().kill9(victim);
                long gap = sellsAgainMs(scene.selling().gapMs(items));
                scene.shop().cluster().start(victim);
                return gap;
              }));
    }
    tell("kill -9 of an owner → its items sell again", gaps);
  }

  private void redis() {
    List<Long> gaps = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      gaps.add(
          during(
              FaultKind.KILL_REDIS,
              "redis",
              () -> {
                scene.shop().cluster().kill9("redis");
                Pause.ms(1_000);
                scene.shop().cluster().start("redis");
                return sellsAgainMs(scene.selling().gapMs(scene.plenty()));
              }));
    }
    tell("Redis is up again → every item sells again", gaps);
  }

  /** Drained while the sale goes on: what came in meanwhile was drained too. */
  private void mysqlAway(int seconds) {
    long failedBefore = failed();
    long ordersBefore = scene.crowd().orders();
    long[] figures = new long[2];
    Deed away =
        () -> {
          scene.shop().cluster().kill9("mysql");
          Pause.ms(seconds * 1_000L);
          figures[0] = scene.crowd().orders() - ordersBefore;
          figures[1] = scene.watch().undrained();
          scene.shop().cluster().start("mysql");
          return caughtUpMs(figures[1]);
        };
    long caughtUpMs = during(FaultKind.KILL_MYSQL, "mysql", away);
    scene
        .told()
        .accept(
            "MySQL away for %d s: %d orders meanwhile (%d a second), %d shakes not answered by an owner; %d events behind, caught up in %.1f s, at %.0f events a second beside those that came in"
                .formatted(
                    seconds,
                    figures[0],
                    figures[0] / seconds,
                    failed() - failedBefore,
                    figures[1],
                    caughtUpMs / 1e3,
                    figures[1] * 1e3 / Math.max(1, caughtUpMs)));
  }

  /** From the server's answering again to a backlog of a fiftieth. */
  private long caughtUpMs(long behind) {
    long begin = System.nanoTime();
    long deadline = begin + CATCH_UP_MS_MAX * 1_000_000;
    while (scene.watch().undrained() > behind / 50 + 100) {
      if (System.nanoTime() > deadline) {
        troubles.add("not drained within " + CATCH_UP_MS_MAX + " ms");
        break;
      }
      Pause.ms(100);
    }
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private void handOvers(int times, long events) {
    fill(events);
    scene.told().accept("hand-over with " + scene.watch().events() + " events in the logs");
    long beganMs = System.currentTimeMillis();
    List<Long> slowest = new ArrayList<>();
    List<Long> coming = new ArrayList<>();
    List<Long> calm = new ArrayList<>();
    List<SellingWatch.Slow> answers = new ArrayList<>();
    long failedBefore = failed();
    List<String> sales = scene.shop().names(NodeRole.SALE);
    for (int i = 0; i < times; i++) {
      String victim = sales.get(i % sales.size());
      scene.selling().takeSlowest();
      Pause.ms(CALM_MS);
      calm.add(slowestMs(scene.selling().takeSlowest()));
      slowest.add(
          during(
              FaultKind.ROLL_SALES,
              victim,
              () -> {
                end(victim);
                Pause.ms(500);
                List<SellingWatch.Slow> meanwhile = scene.selling().takeSlowest();
                answers.addAll(meanwhile);
                scene.shop().cluster().start(victim);
                return slowestMs(meanwhile);
              }));
      List<SellingWatch.Slow> meanwhile = scene.selling().takeSlowest();
      answers.addAll(meanwhile);
      coming.add(slowestMs(meanwhile));
    }
    tell("SIGTERM of an owner, the slowest answer meanwhile", slowest);
    tell("the slowest answer while it comes back", coming);
    tell("the slowest answer within " + CALM_MS + " ms before each", calm);
    scene.told().accept("shakes not answered by an owner: " + (failed() - failedBefore));
    List<HandOverLog.HandOver> all = new HandOverLog(logs()).read();
    tellSteps(all.stream().filter(each -> each.servedAtMs() >= beganMs).toList(), answers);
  }

  /** Nothing else is broken: it ends in order and within its grace. */
  private void end(String node) {
    int exitCode = scene.shop().cluster().terminate(node);
    if (exitCode != 0) {
      troubles.add(node + " was told to end and exited with " + exitCode);
    }
  }

  private Map<String, Path> logs() {
    return scene.shop().cluster().nodes(NodeRole.SALE).stream()
        .collect(Collectors.toMap(ClusterNode::name, ClusterNode::log));
  }

  private static long slowestMs(List<SellingWatch.Slow> answers) {
    return answers.isEmpty() ? 0 : Math.round(answers.get(0).ms());
  }

  /** Where the time went: of the partitions that took longest, and of the slowest answers. */
  private void tellSteps(List<HandOverLog.HandOver> all, List<SellingWatch.Slow> answers) {
    tell(
        "a partition that changes hands, from the last command taken to the next owner's serving",
        all.stream().map(each -> Math.round(each.gapMs())).toList());
    all.stream()
        .sorted(Comparator.comparingDouble(HandOverLog.HandOver::gapMs).reversed())
        .limit(SHOWN_MAX)
        .forEach(each -> scene.told().accept("  " + each.text()));
    scene.told().accept("the slowest answers, and what their partitions went through:");
    answers.stream()
        .sorted(Comparator.comparingDouble(SellingWatch.Slow::ms).reversed())
        .limit(SHOWN_MAX)
        .forEach(each -> scene.told().accept("  " + explained(each, all)));
  }

  private String explained(SellingWatch.Slow answer, List<HandOverLog.HandOver> all) {
    int partition =
        scene.offers().stream()
            .filter(offer -> offer.item().equals(answer.item()))
            .findFirst()
            .orElseThrow()
            .partition();
    long askedAtMs = answer.answeredAtMs() - Math.round(answer.ms());
    String why =
        all.stream()
            .filter(each -> each.partition() == partition)
            .filter(each -> each.isWithin(askedAtMs, answer.answeredAtMs()))
            .map(
                each ->
                    "%s, +%d ms".formatted(each.text(), answer.answeredAtMs() - each.servedAtMs()))
            .collect(Collectors.joining("; "));
    return "%.0f ms, partition %d, answered %s: %s"
        .formatted(
            answer.ms(),
            partition,
            Instant.ofEpochMilli(answer.answeredAtMs()),
            why.isEmpty() ? "not moved" : why);
  }

  /** Long logs take longer to read: as many events as a sale of that size leaves. */
  private void fill(long events) {
    long deadline = System.nanoTime() + EVENTS_MS_MAX * 1_000_000;
    scene.crowd().pace(FILL_RATE);
    while (scene.watch().events() < events && System.nanoTime() < deadline) {
      Pause.ms(1_000);
    }
    scene.crowd().pace(rate);
    Pause.ms(SETTLED_MS);
  }

  /** Answers that say nothing of the sale itself: 0 is wanted where nothing may be noticed. */
  private long failed() {
    Map<String, Long> told = scene.crowd().outcomes();
    return told.getOrDefault("busy", 0L) + told.getOrDefault("pending", 0L);
  }

  private interface Deed {
    long perform();
  }

  private long during(FaultKind kind, String victim, Deed deed) {
    String subject = kind.text() + " " + victim;
    long atMs = elapsedMs();
    scene.history().mark(Mark.Kind.FAULT, subject);
    long figure = deed.perform();
    scene.history().mark(Mark.Kind.HEALED, subject);
    awaitSafe();
    scene.told().accept("%7.1f s  %s: %d ms".formatted(elapsedMs() / 1e3, subject, figure));
    done.add(new FaultDone(kind, victim, atMs, elapsedMs() - atMs, figure));
    return figure;
  }

  private long elapsedMs() {
    return (System.nanoTime() - beganNanos) / 1_000_000;
  }

  /** Owned, and settled: nodes do not move partitions within a moment of a member's coming. */
  private void awaitSafe() {
    long deadline = System.nanoTime() + SAFE_MS_MAX * 1_000_000;
    awaitOwned(deadline);
    Pause.ms(SETTLED_MS);
    awaitOwned(deadline);
  }

  private void awaitOwned(long deadline) {
    Pause.ms(LOOK_MS); // what was seen before is old
    while (!scene.watch().isSafe()) {
      if (System.nanoTime() > deadline) {
        troubles.add("not all partitions owned within " + SAFE_MS_MAX + " ms");
        return;
      }
      Pause.ms(100);
    }
  }

  private long sellsAgainMs(CompletableFuture<Long> gap) {
    try {
      return gap.orTimeout(GAP_MS_MAX, TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      troubles.add("not sold again within " + GAP_MS_MAX + " ms");
      return GAP_MS_MAX;
    }
  }

  private void tell(String what, List<Long> values) {
    List<Long> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    if (!sorted.isEmpty()) {
      int last = sorted.size() - 1;
      scene
          .told()
          .accept(
              "%s, ms: %d times, p50 %d, p99 %d, max %d"
                  .formatted(
                      what,
                      sorted.size(),
                      sorted.get(last / 2),
                      sorted.get((int) Math.ceil(0.99 * last)),
                      sorted.get(last)));
    }
  }
}
