package stampede.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * What a process shows of itself: is it alive, does it want work, its figures. Verticles join with
 * {@link #on}; with all of them in one process there is still one answer. Thread-safe.
 */
public final class Vitals implements AutoCloseable {
  private final Readiness readiness;
  private final Alarms alarms;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final List<LoopVitals> loops = new CopyOnWriteArrayList<>();
  private final Map<String, Supplier<Finding>> checks = new ConcurrentSkipListMap<>();

  /**
   * An answer of a health page.
   *
   * @param body {@code {"status","checks","outcome"}}
   */
  public record Health(boolean ok, JsonObject body) {}

  public Vitals() {
    this(new Readiness(), Alarms.ofProcess());
  }

  /**
   * @param readiness un-ready makes {@link #ready} no, whatever the checks say
   */
  public Vitals(Readiness readiness, Alarms alarms) {
    this.readiness = readiness;
    this.alarms = alarms;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  public Readiness readiness() {
    return readiness;
  }

  /**
   * Room for the figures and checks of a verticle that starts.
   *
   * @param context the verticle's
   * @param role {@code edge}, {@code sale}, {@code persist} or {@code webhook}
   */
  public LoopVitals on(Context context, String role) {
    LoopVitals loop = new LoopVitals(context, role, registry);
    loops.add(loop);
    return loop;
  }

  /** A check of the whole process; any thread may carry it out, it must not block or throw. */
  public void check(String id, Supplier<Finding> check) {
    checks.put(id, check);
  }

  /** The verticle stops; on its event loop. */
  public void leave(LoopVitals loop) {
    if (loops.remove(loop)) {
      loop.close();
    }
  }

  /**
   * Whether the process should go on living: every event loop does something. Asks nobody else, so
   * a store that is away kills no node.
   */
  public Future<Health> live() {
    List<Future<Boolean>> asked = loops.stream().map(LoopVitals::alive).toList();
    return Future.join(new ArrayList<>(asked))
        .transform(
            all -> {
              JsonObject body = JsonObject.of("status", Finding.status(all.succeeded()));
              if (all.failed()) {
                body.put("reason", "an event loop does not answer");
              }
              return Future.succeededFuture(new Health(all.succeeded(), body));
            });
  }

  /** Whether the process should be given work: nothing made it un-ready and every check is good. */
  public Future<Health> ready() {
    List<LoopVitals> asked = List.copyOf(loops);
    List<Future<List<JsonObject>>> answers = asked.stream().map(LoopVitals::findings).toList();
    return Future.join(new ArrayList<>(answers))
        .map(
            all -> {
              List<JsonObject> found = new ArrayList<>();
              answers.forEach(answer -> found.addAll(answer.result()));
              checks.forEach((id, check) -> found.add(check.get().json(id)));
              addNode(found, asked.isEmpty());
              return health(found);
            });
  }

  /** Prometheus text. The figures are at most as old as a scrape takes. */
  public Future<String> scrape() {
    List<Future<Void>> read = loops.stream().map(LoopVitals::read).toList();
    return Future.join(new ArrayList<>(read))
        .map(
            all -> {
              alarms.counts().keySet().forEach(this::showAlarm);
              return registry.scrape();
            });
  }

  /** After the end of Vert.x. */
  @Override
  public void close() {
    loops.forEach(this::leave);
    gc.close();
    registry.close();
  }

  private void addNode(List<JsonObject> found, boolean starting) {
    String reason = readiness.unreadyReason();
    if (reason != null) {
      found.add(Finding.down(reason).json("node"));
    } else if (starting) {
      found.add(Finding.down("starting").json("node"));
    }
  }

  private static Health health(List<JsonObject> found) {
    boolean ok = found.stream().allMatch(check -> check.getString("status").equals("UP"));
    String status = Finding.status(ok);
    return new Health(
        ok, JsonObject.of("status", status, "checks", new JsonArray(found), "outcome", status));
  }

  /** Again for the same code changes nothing. */
  private void showAlarm(String code) {
    FunctionCounter.builder(
            "stampede_alarms_total", alarms, all -> all.counts().getOrDefault(code, 0L))
        .description("Alarms raised; docs/alarms.md lists the codes")
        .tag("code", code)
        .register(registry);
  }
}
