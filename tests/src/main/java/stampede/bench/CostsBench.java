package stampede.bench;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import stampede.rig.AdminWire;
import stampede.rig.WireTokens;
import stampede.standalone.Tokens;
import stampede.standalone.cluster.NodeRole;

/**
 * What one shake costs each process of a cluster, as CPU time of that process: the input of {@link
 * stampede.rig.capacity}. The same crowd comes in three ways that differ in how many shakes share a
 * message of the bus and an append; a least-squares fit takes what is due to each apart. What the
 * processes burn when nobody shakes is taken off.
 */
final class CostsBench {
  private static final double SLOW_A_SECOND = 2_000;
  private static final int IDLE_MS = 3_000;
  private static final int TOGGLES = 20;
  private static final int TOGGLE_MS = 400;
  private static final int IDLE_SOCKETS_EACH = 8;

  /** One way the crowd came: CPU microseconds of each process meanwhile, idle taken off. */
  private record Load(
      BenchCrowd.Round round,
      double shakes,
      BenchCluster.BusLoad bus,
      double seconds,
      Map<String, Double> cpuMicros) {}

  private final BenchCluster cluster;
  private final Size size;
  private final Consumer<String> progress;
  private final Map<String, Double> idleMicrosASecond = new LinkedHashMap<>();
  private final CostsFile file = new CostsFile();

  private CostsBench(BenchCluster cluster, Size size, Consumer<String> progress) {
    this.cluster = cluster;
    this.size = size;
    this.progress = progress;
  }

  /** Measures, and writes {@code to} in the form of the model's costs file. */
  static CostsFile run(Path directory, Size size, Path to, Consumer<String> progress) {
    int sockets = 4 * size.connections() + 10;
    CostsFile file;
    try (BenchCluster cluster = new BenchCluster(directory, sockets)) {
      cluster.awaitRest();
      file = new CostsBench(cluster, size, progress).measured();
    }
    SocketsBench.Idle idle = SocketsBench.idleEdge(IDLE_SOCKETS_EACH * size.connections());
    file.put("edge.socketBytes", idle.residentBytes(), "resident memory of one idle socket");
    file.writeTo(to);
    return file;
  }

  private CostsFile measured() {
    try (BenchCrowd crowd = new BenchCrowd(cluster.port(), size.connections())) {
      closed(crowd, cluster.openItem(), SaleBench.ACCEPTED, 1); // warms up
      closed(crowd, cluster.openItem(), SaleBench.ACCEPTED, 16);
      idle();
      Map<String, Double> before = cpuMicros();
      Map<NodeRole, BenchCluster.Pauses> pausesBefore = pauses();
      Load one = closed(crowd, cluster.openItem(), SaleBench.ACCEPTED, 1);
      Load many = closed(crowd, cluster.openItem(), SaleBench.ACCEPTED, 16);
      Load slow = open(crowd, cluster.openItem(), SLOW_A_SECOND);
      double half = one.shakes / one.seconds / 2;
      Load calm = open(crowd, cluster.openItem(), half);
      paused(before, pausesBefore);
      accepted(List.of(one, many, slow, calm));
      refused(crowd);
      run(one, half, calm);
      store(slow);
    }
    handshakes();
    pushed();
    return file;
  }

  private void accepted(List<Load> loads) {
    ToDoubleFunction<Load> messages = load -> load.bus.messages();
    Split edge = split(loads, "edge", messages);
    String fitted = "accepted shakes, CPU of the process, least squares over shakes and ";
    file.put("edge.shakeMicros", edge.each(), fitted + "messages");
    file.put("edge.messageMicros", edge.group(), fitted + "messages");
    Split sale = split(loads, "sale", messages);
    file.put("sale.shakeMicros", sale.each(), fitted + "messages");
    file.put("sale.messageMicros", sale.group(), fitted + "messages");
    Split redis = split(loads, "redis", load -> load.bus.appends());
    file.put("redis.eventMicros", redis.each(), fitted + "appends");
    file.put("redis.appendMicros", redis.group(), fitted + "appends");
    file.put("persist.rowMicros", mean(loads, "persist"), "accepted shakes, CPU an order");
    file.put("mysql.rowMicros", mean(loads, "mysql"), "accepted shakes, CPU an order");
    file.put("client.shakeMicros", mean(loads, "client"), "the crowd's own CPU a shake");
  }

  private Map<NodeRole, BenchCluster.Pauses> pauses() {
    Map<NodeRole, BenchCluster.Pauses> all = new LinkedHashMap<>();
    for (NodeRole role : NodeRole.values()) {
      all.put(role, cluster.pauses(role));
    }
    return all;
  }

  /** A node that collects its garbage does nothing else meanwhile. */
  private void paused(
      Map<String, Double> cpuBefore, Map<NodeRole, BenchCluster.Pauses> pausesBefore) {
    Map<String, Double> cpu = cpuMicros();
    pauses()
        .forEach(
            (role, now) -> {
              double count = Math.max(1, now.count() - pausesBefore.get(role).count());
              double micros = now.micros() - pausesBefore.get(role).micros();
              double all = cpu.get(role.word()) - cpuBefore.get(role.word());
              file.put(role.word() + ".pauseMicros", micros / count, "jvm_gc_pause_seconds, mean");
              file.put(
                  role.word() + ".pausePercent", 100 * micros / all, "pauses, of the CPU time");
            });
  }

  private static Split split(List<Load> loads, String process, ToDoubleFunction<Load> groups) {
    return Split.of(
        loads.stream().mapToDouble(load -> load.cpuMicros.get(process)).toArray(),
        loads.stream().mapToDouble(Load::shakes).toArray(),
        loads.stream().mapToDouble(groups).toArray());
  }

  private static double mean(List<Load> loads, String process) {
    double micros = loads.stream().mapToDouble(load -> load.cpuMicros.get(process)).sum();
    return micros / loads.stream().mapToDouble(Load::shakes).sum();
  }

  private void refused(BenchCrowd crowd) {
    String item = cluster.openItem(System.currentTimeMillis() - 1_000, 1);
    Load gone = loaded(() -> closedRound(crowd, item, "\"outcome\":\"", 1));
    double byOwner = gone.bus.commands() / gone.shakes;
    file.put(
        "sale.refusedMicros",
        file.values().get("sale.shakeMicros"),
        "taken as an accepted one: few are asked of the owner");
    file.put(
        "edge.refusedMicros",
        gone.cpuMicros.get("edge") / gone.shakes,
        String.format(
            Locale.ROOT, "sold out, CPU of the edge a shake; %.2f %% asked", 100 * byOwner));
  }

  /** An append of a sale that is nearly idle: its own time, and hardly any of others. */
  private void store(Load slow) {
    file.put(
        "redis.answerMicros",
        slow.bus.appendSeconds() / slow.bus.appends() * 1e6,
        "stampede_sale_append_seconds, mean at 2,000 shakes/s: sent to answered, fsync and all");
  }

  private void run(Load one, double half, Load calm) {
    file.put("run.connections", size.connections(), "sockets, one shake out each");
    file.put("run.shakesAMessage", one.shakes / one.bus.messages(), "of the bus, in that run");
    file.put("run.acceptedASecond", one.shakes / one.seconds, "accepted by three JVMs on 2 cores");
    file.put("run.halfASecond", half, "half of it, an open model");
    file.put("run.halfP50Ms", percentileMs(calm, 50), "answers at half the rate");
    file.put("run.halfP99Ms", percentileMs(calm, 99), "answers at half the rate");
  }

  private static double percentileMs(Load load, double percentile) {
    return load.round.latencyMicros().getValueAtPercentile(percentile) / 1e3;
  }

  private void handshakes() {
    try (BenchCrowd warm = new BenchCrowd(cluster.port(), size.connections())) {
      progress.accept("  warm handshakes");
    }
    double before = cpuMicros().get("edge");
    try (BenchCrowd crowd = new BenchCrowd(cluster.port(), size.connections())) {
      double micros = cpuMicros().get("edge") - before;
      file.put(
          "edge.handshakeMicros",
          micros / size.connections(),
          "WebSocket upgrades with a token, no TLS, CPU of the edge each");
    }
  }

  /** Everybody watches an item that an operator pauses and resumes. */
  private void pushed() {
    String item = cluster.openItem();
    Watchers watchers = new Watchers(cluster.port(), size.connections(), item);
    String token = WireTokens.operator(BenchShop.SECRET, "bench", "admin");
    try (AdminWire admin = AdminWire.open(cluster.managementPort(), token)) {
      watchers.awaitFrames(size.connections());
      long framesBefore = watchers.frames();
      Map<String, Double> before = cpuMicros();
      long begin = System.nanoTime();
      for (int i = 0; i < TOGGLES; i++) {
        String word = i % 2 == 0 ? "admin.item.pause" : "admin.item.resume";
        admin.require(word, JsonObject.of("item", item));
        Pause.ms(TOGGLE_MS);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      long frames = watchers.frames() - framesBefore;
      double micros = since(before, seconds).get("edge");
      file.put("edge.pushMicros", micros / frames, frames + " item frames, CPU of the edge each");
    } finally {
      watchers.close();
    }
  }

  private Load closed(BenchCrowd crowd, String item, String wanted, int outstanding) {
    return loaded(() -> SaleBench.checked(closedRound(crowd, item, wanted, outstanding)));
  }

  private BenchCrowd.Round closedRound(
      BenchCrowd crowd, String item, String wanted, int outstanding) {
    return crowd.closedLoop(item, wanted, 0, size.roundMs() / 2, outstanding);
  }

  private Load open(BenchCrowd crowd, String item, double aSecond) {
    return loaded(
        () ->
            SaleBench.checked(
                crowd.openLoop(
                    item, SaleBench.ACCEPTED, size.roundMs() / 8, size.roundMs() / 2, aSecond)));
  }

  private interface Play {
    BenchCrowd.Round round();
  }

  /** The drain's work is part of the cost: it is waited for. */
  private Load loaded(Play play) {
    BenchCluster.BusLoad busBefore = cluster.busLoad();
    Map<String, Double> before = cpuMicros();
    long begin = System.nanoTime();
    BenchCrowd.Round round = play.round();
    double roundSeconds = (System.nanoTime() - begin) / 1e9;
    double clientMicros = cpuMicros().get("client") - before.get("client");
    cluster.books().awaitDrained();
    Map<String, Double> micros = since(before, (System.nanoTime() - begin) / 1e9);
    micros.put("client", clientMicros);
    Load load =
        new Load(round, round.answers(), cluster.busLoad().since(busBefore), roundSeconds, micros);
    progress.accept(
        "  %,.0f shakes/s, %.1f a message, CPU µs a shake %s"
            .formatted(load.shakes / roundSeconds, load.shakes / load.bus.messages(), of(load)));
    return load;
  }

  private static String of(Load load) {
    List<String> parts = new ArrayList<>();
    load.cpuMicros.forEach(
        (name, micros) ->
            parts.add(String.format(Locale.ROOT, "%s %.1f", name, micros / load.shakes)));
    return String.join(", ", parts);
  }

  private void idle() {
    Map<String, Double> before = cpuMicros();
    Pause.ms(IDLE_MS);
    cpuMicros()
        .forEach(
            (name, micros) ->
                idleMicrosASecond.put(name, (micros - before.get(name)) * 1e3 / IDLE_MS));
  }

  private Map<String, Double> since(Map<String, Double> before, double seconds) {
    Map<String, Double> micros = new LinkedHashMap<>();
    cpuMicros()
        .forEach(
            (name, now) -> {
              double idle = idleMicrosASecond.getOrDefault(name, 0.0) * seconds;
              micros.put(name, Math.max(0, now - before.get(name) - idle));
            });
    return micros;
  }

  /** Of each process since it began; {@code client} is this one. */
  private Map<String, Double> cpuMicros() {
    Map<String, Double> all = new LinkedHashMap<>();
    Map<String, Long> pids = new LinkedHashMap<>(cluster.pids());
    pids.put("client", ProcessHandle.current().pid());
    pids.forEach((name, pid) -> all.put(name, cpuMicros(pid)));
    return all;
  }

  private static double cpuMicros(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 1e4; // ticks of 10 ms
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sockets that count the item frames they are sent. */
  private static final class Watchers implements RawSockets.Listener {
    private final RawSockets sockets = new RawSockets("watchers", () -> {});
    private final byte[] watch;
    private long frames;

    Watchers(int port, int count, String item) {
      watch = RawSockets.text("{\"type\":\"watch\",\"items\":[\"" + item + "\"]}");
      Tokens tokens = new Tokens(BenchShop.SECRET);
      sockets.execute(
          () -> {
            for (int i = 0; i < count; i++) {
              String token = tokens.shopper("watch-" + i, Instant.now().plusSeconds(3_600));
              sockets.open(i, "127.0.0." + (2 + i % 8), port, token, this);
            }
          });
    }

    @Override
    public void opened(RawSockets.Socket socket) {
      socket.send(watch);
    }

    @Override
    public void text(RawSockets.Socket socket, String text) {
      if (text.startsWith("{\"type\":\"item\"")) {
        frames++;
      }
    }

    @Override
    public void ended(RawSockets.Socket socket, String why, long retryAfterMs) {}

    long frames() {
      CompletableFuture<Long> found = new CompletableFuture<>();
      sockets.execute(() -> found.complete(frames));
      return found.orTimeout(10, TimeUnit.SECONDS).join();
    }

    void awaitFrames(long wanted) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (frames() < wanted) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("found " + frames() + " frames, wanted " + wanted);
        }
        Pause.ms(20);
      }
    }

    void close() {
      sockets.close();
    }
  }
}
