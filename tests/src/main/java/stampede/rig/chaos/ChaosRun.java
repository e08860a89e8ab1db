package stampede.rig.chaos;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import stampede.rig.StateReplay;
import stampede.rig.StoreDump;
import stampede.rig.check.Checker;
import stampede.rig.check.Chronicle;
import stampede.rig.check.Dump;
import stampede.rig.check.History;
import stampede.rig.check.Mark;
import stampede.rig.check.Report;
import stampede.rig.check.Run;
import stampede.rig.check.Sighting;

/**
 * One run from start to verdict. {@code main} takes {@code -Dseed=} and {@code -Dminutes=} (0 = the
 * brief run of the tests); exit 0 = clean.
 */
public final class ChaosRun {
  private static final long OWNED_MS_MAX = 60_000;
  private static final long CALM_MS = 4_000;

  /** A second longer than an owner's answer may be wanting after the last fault. */
  private static final long WELL_MS = 11_000;

  private static final long SETTLE_MS_MAX = 40_000;
  private static final long PROBE_MS_MAX = 10_000;
  private static final long EXPIRY_MS = 9_000;
  private static final long DRAIN_MS_MAX = 60_000;
  private static final long PROGRESS_MS = 10_000;

  private final ChaosPlan plan;
  private final PrintStream out;
  private final Scene.Deeds deeds;
  private final List<String> troubles = new ArrayList<>();

  private ChaosRun(ChaosPlan plan, PrintStream out, Scene.Deeds deeds) {
    this.plan = plan;
    this.out = out;
    this.deeds = deeds;
  }

  public static void main(String[] args) {
    long seed = Long.getLong("seed", System.nanoTime() & 0xFFFFFF);
    int minutes = Integer.getInteger("minutes", 10);
    ChaosPlan plan = minutes == 0 ? ChaosPlan.brief(seed) : ChaosPlan.lasting(seed, minutes);
    ChaosReport report = run(plan, System.out);
    System.exit(report.isClean() ? 0 : 1);
  }

  /** Runs it all; the report is printed too. What was recorded stays in the plan's directory. */
  public static ChaosReport run(ChaosPlan plan, PrintStream out) {
    return run(plan, out, scene -> faults(plan, scene));
  }

  /** The same with other deeds. */
  static ChaosReport run(ChaosPlan plan, PrintStream out, Scene.Deeds deeds) {
    return new ChaosRun(plan, out, deeds).run();
  }

  private ChaosReport run() {
    quiet("io.vertx.core.http.impl");
    delete(plan.directory());
    out.println("seed " + plan.seed() + ", " + plan.seconds() + " s, " + plan.directory());
    ChaosReport report;
    try (ChaosShop shop = shop();
        History history = History.open(plan.directory(), "crowd")) {
      shop.start();
      report = sell(shop, history);
    }
    out.print(report.toText());
    if (report.isClean()) {
      delete(plan.directory().resolve("shop"));
    } else {
      out.println("kept: " + plan.directory() + ", with the nodes' logs in shop/nodes");
      out.println(
          "check it again: java -cp <classpath of tests> stampede.rig.check.CheckRun "
              + plan.directory());
    }
    return report;
  }

  private @Nullable Namespaces network() {
    String missing = plan.namespaces() ? Namespaces.missing() : "not wanted";
    if (!missing.isEmpty()) {
      out.println("skipped: network namespaces: " + missing);
    }
    return missing.isEmpty() ? Namespaces.create() : null;
  }

  /**
   * That connections break is what a run is about: a line for each of them tells nobody anything.
   */
  private static void quiet(String logger) {
    ((Logger) LoggerFactory.getLogger(logger)).setLevel(Level.ERROR);
  }

  private ChaosShop shop() {
    Namespaces net = network();
    return new ChaosShop(
        plan.directory().resolve("shop"),
        plan.edges(),
        plan.sales(),
        plan.persists(),
        net,
        plan.relays(),
        this::tell);
  }

  private synchronized void tell(String line) {
    out.println(line);
  }

  private ChaosReport sell(ChaosShop shop, History history) {
    SellingWatch selling = new SellingWatch();
    try (OperatorLine operator = shop.operator();
        OperatorLine watching = shop.operator();
        ClusterWatch watch = new ClusterWatch(watching, history);
        Crowd crowd = crowd(shop, history, selling)) {
      await("all partitions owned at the start", OWNED_MS_MAX, watch::isSafe);
      List<SaleOffer> offers = shop.open(operator, items(), (plan.seconds() + 3_600L) * 1_000);
      crowd.start(offers, plan.seats(), plan.rate());
      Scene scene = new Scene(shop, crowd, watch, selling, offers, history, this::tell);
      Scene.Done done;
      try (StockKeeper keeper = new StockKeeper(operator, offers);
          Progress progress = new Progress(crowd, watch)) {
        done = deeds.perform(scene);
        shop.healNetwork();
      }
      return settle(scene, done);
    }
  }

  private Crowd crowd(ChaosShop shop, History history, SellingWatch selling) {
    return new Crowd(
        plan.seed(), new Tape(history), shop::edges, shop::shopperToken, shop::signature, selling);
  }

  private static Scene.Done faults(ChaosPlan plan, Scene scene) {
    List<FaultKind> kinds = Nemesis.possible(scene.shop(), scene.told());
    Nemesis nemesis = new Nemesis(scene);
    nemesis.run(
        FaultSchedule.draw(
            plan.seed(), plan.seconds() * 1_000L, plan.gapMs(), plan.freezeMsMax(), kinds));
    return new Scene.Done(nemesis.done(), nemesis.troubles());
  }

  /** Most have stock for the whole run, the others are sold out most of the time. */
  private List<JsonObject> items() {
    // a sixth each, and some more: a log holds so many events, and stock that may not fit is
    // refused
    int units = 10_000 + (int) Math.min(500_000L, (long) plan.seconds() * plan.rate() / 6);
    List<JsonObject> items = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      items.add(item("plenty " + i, units, plan.limitPerUser(), plan.payWithinSeconds()));
    }
    for (int i = 0; i < 3; i++) {
      items.add(item("scarce " + i, 30, 2, 4));
    }
    return items;
  }

  private static JsonObject item(String title, int stock, int limit, int payWithinSeconds) {
    return JsonObject.of("title", title, "price", 100, "stock", stock)
        .put("limitPerUser", limit)
        .put("payWithinSeconds", payWithinSeconds);
  }

  /** After the last fault: every partition is owned, every key is known, every order is over. */
  private ChaosReport settle(Scene scene, Scene.Done done) {
    History history = scene.history();
    Crowd crowd = scene.crowd();
    ClusterWatch watch = scene.watch();
    long healedNanos = System.nanoTime();
    long ownedMs = await("all partitions owned after the last fault", OWNED_MS_MAX, watch::isSafe);
    Pause.ms(Math.max(CALM_MS, WELL_MS - (System.nanoTime() - healedNanos) / 1_000_000));
    crowd.stopShaking();
    await("every key known", SETTLE_MS_MAX, () -> crowd.askAll() == 0);
    await("every payment answered", SETTLE_MS_MAX, () -> crowd.paymentsOpen() == 0);
    history.mark(Mark.Kind.LOAD_ENDED, ""); // payments are load too
    long endedNanos = System.nanoTime();
    crowd.askForOrders();
    await("every order told again", PROBE_MS_MAX, () -> crowd.openKeys().isEmpty());
    Pause.ms(EXPIRY_MS - (System.nanoTime() - endedNanos) / 1_000_000);
    await("everything drained", DRAIN_MS_MAX, watch::isDrained);
    history.mark(Mark.Kind.DRAINED, "");
    long drainedMs = (System.nanoTime() - endedNanos) / 1_000_000;
    List<String> open = crowd.openKeys();
    Map<String, Long> counts = crowd.counts();
    Histogram latencyMicros = crowd.latencyMicros();
    crowd.close();
    watch.close();
    troubles.addAll(done.troubles());
    return new ChaosReport(
        plan.seed(),
        done.faults(),
        troubles,
        crowd.shakes(),
        crowd.orders(),
        open,
        crowd.outcomes(),
        counts,
        latencyMicros,
        ownedMs,
        drainedMs,
        judge(scene.shop(), history));
  }

  private Report judge(ChaosShop shop, History history) {
    try {
      history.close();
      Dump dump = StoreDump.read(shop.cluster().redisUrl(), shop.cluster().mysqlUrl());
      dump.write(plan.directory());
      Chronicle seen = History.read(plan.directory());
      List<Sighting> replayed = StateReplay.of(seen.sightings(), dump);
      History.write(plan.directory(), "replay", replayed);
      return Checker.check(new Run(seen.with(replayed), dump));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long await(String what, long boundMs, BooleanSupplier there) {
    long begin = System.nanoTime();
    while (!there.getAsBoolean()) {
      if ((System.nanoTime() - begin) / 1_000_000 > boundMs) {
        tell("TROUBLE not within " + boundMs + " ms: " + what);
        troubles.add("not within " + boundMs + " ms: " + what);
        break;
      }
      Pause.ms(100);
    }
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line every ten seconds. */
  private final class Progress implements AutoCloseable {
    private final Thread thread = new Thread(this::tellAll, "progress");
    private final Crowd crowd;
    private final ClusterWatch watch;
    private long shakes;
    private long orders;

    Progress(Crowd crowd, ClusterWatch watch) {
      this.crowd = crowd;
      this.watch = watch;
      thread.setDaemon(true);
      thread.start();
    }

    private void tellAll() {
      long begin = System.nanoTime();
      try {
        while (true) {
          Pause.ms(PROGRESS_MS);
          tellOnce((System.nanoTime() - begin) / 1e9);
        }
      } catch (IllegalStateException e) {
        return; // interrupted: the load is over
      }
    }

    private void tellOnce(double seconds) {
      long shakesNow = crowd.shakes();
      long ordersNow = crowd.orders();
      tell(
          "%7.1f s  %d sockets, %d shakes/s, %d orders/s, answers %s, not serving %s"
              .formatted(
                  seconds,
                  crowd.sockets(),
                  (shakesNow - shakes) * 1_000 / PROGRESS_MS,
                  (ordersNow - orders) * 1_000 / PROGRESS_MS,
                  crowd.outcomes(),
                  watch.troubled()));
      shakes = shakesNow;
      orders = ordersNow;
    }

    @Override
    public void close() {
      thread.interrupt();
    }
  }
}
