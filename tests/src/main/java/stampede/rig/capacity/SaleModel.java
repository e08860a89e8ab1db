package stampede.rig.capacity;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import stampede.rig.capacity.Message.Said;

/**
 * A sale in virtual time. One partition is played, the fullest, with all edges; the loops that
 * serve other partitions too are slower by as much as they have to do there, so that each has its
 * true load.
 */
final class SaleModel {
  private static final double MS = 1_000;
  private static final double HORIZON_MICROS = 120e6;

  final Agenda agenda = new Agenda();
  final Bounds bounds;
  final double shakeMicros;
  final double messageMicros;
  final double refusedMicros;
  final double pushMicros;
  final double ownerShakeMicros;
  final double ownerRefusedMicros;
  final double ownerMessageMicros;
  final double appendMicros;
  final double eventMicros;
  final double fsyncMicros;
  final double persistRowMicros;
  final double mysqlRowMicros;
  final double portion;

  private final SplittableRandom random;
  private final double networkMicros;
  private final double proxyFrameMicros;
  private final Loop[] proxies;
  private final EdgeModel[] edges;
  private final OwnerModel owner;
  private final Loop ownerLoop;
  private final Loop redis;
  private final Loop mysql;
  private final double watchersAnItem;
  private final Histogram answerMicros = new Histogram(3);

  private final int items;
  private Consumer<Shake> onAnswer = shake -> {};
  private long shakes;
  private long accepted;
  private long refused;
  private long twice;
  private long busy;
  private long timeouts;
  private long messages;
  private long carried;
  private double soldOutAt;
  private double drainedAt;
  private double lastAnswerAt;
  private int peakQueue;
  private int peakBatch;
  private int peakBatches;
  private int peakBeyondLine;
  private int peakHeld;
  private int peakCollecting;
  private long inTime;
  private double countedUntil = Double.MAX_VALUE;

  /** A plan, every loop with a processor of its own. */
  static Result play(Plan plan, Costs costs, Bounds bounds, long seed) {
    int items = plan.itemsOfFullestPartition();
    double part = (double) items / plan.items();
    Slowness slowness =
        new Slowness(
            1 / part,
            Math.max(1, 1 / part / plan.sales()),
            1 / part,
            Math.max(1, 1 / part / plan.persists()));
    SaleModel model = new SaleModel(plan, items, Cores.enough(), slowness, costs, bounds, seed);
    model.comeOnce(Math.round(plan.phones() * part), plan.meanComeMs() * MS);
    model.agenda.run(HORIZON_MICROS);
    return model.result();
  }

  /** How many times as long something takes on a loop that serves other partitions too. */
  record Slowness(double edge, double sale, double store, double persist) {
    static final Slowness NONE = new Slowness(1, 1, 1, 1);
  }

  SaleModel(
      Plan plan, int items, Cores cores, Slowness slowness, Costs costs, Bounds bounds, long seed) {
    this.bounds = bounds;
    shakeMicros = costs.of("edge.shakeMicros");
    messageMicros = costs.of("edge.messageMicros");
    refusedMicros = costs.of("edge.refusedMicros");
    pushMicros = costs.of("edge.pushMicros");
    ownerShakeMicros = costs.of("sale.shakeMicros");
    ownerRefusedMicros = costs.of("sale.refusedMicros");
    ownerMessageMicros = costs.of("sale.messageMicros");
    appendMicros = costs.of("redis.appendMicros");
    eventMicros = costs.of("redis.eventMicros");
    fsyncMicros = costs.fsyncMicros();
    persistRowMicros = costs.of("persist.rowMicros");
    mysqlRowMicros = costs.of("mysql.rowMicros");
    portion = Math.max(1, Bounds.PORTION / slowness.edge);
    networkMicros = plan.networkMicros();
    random = new SplittableRandom(seed);
    proxyFrameMicros = costs.of("proxy.frameMicros");
    proxies = new Loop[plan.proxyWorkers()];
    for (int i = 0; i < proxies.length; i++) {
      proxies[i] = new Loop(agenda, cores, slowness.edge, Loop.Pause.NONE);
    }
    edges = new EdgeModel[plan.edges()];
    for (int i = 0; i < edges.length; i++) {
      Loop loop = new Loop(agenda, cores, slowness.edge, costs.pauseOf("edge"));
      edges[i] = new EdgeModel(this, loop, items, random.split());
    }
    long[] stock = new long[items];
    for (int item = 0; item < items; item++) {
      stock[item] = plan.units() / plan.items();
    }
    ownerLoop = new Loop(agenda, cores, slowness.sale, costs.pauseOf("sale"));
    redis = new Loop(agenda, cores, slowness.store, Loop.Pause.NONE);
    mysql = new Loop(agenda, cores, slowness.store, Loop.Pause.NONE);
    Loop persist = new Loop(agenda, cores, slowness.persist, costs.pauseOf("persist"));
    owner = new OwnerModel(this, stock, ownerLoop, redis, persist, mysql);
    watchersAnItem = (double) plan.phones() / plan.items() / edges.length;
    this.items = items;
  }

  /**
   * The same on one machine whose processors its loops and the clients' share, as the benchmarks
   * have it: one item, one partition, one edge.
   *
   * @param aSecond shakes; 0 = every client sends its next one when it has its answer
   */
  static Result onOneMachine(
      int processors, int clients, double aSecond, double seconds, Costs costs, Bounds bounds) {
    Plan plan = new Plan(clients, 1, Long.MAX_VALUE / 2, 0, 1, 0, 1, 1, 1, 30);
    Cores cores = new Cores(processors);
    SaleModel model = new SaleModel(plan, 1, cores, Slowness.NONE, costs, bounds, 1);
    Loop client = new Loop(model.agenda, cores, 1, Loop.Pause.NONE);
    double half = costs.of("client.shakeMicros") / 2;
    model.countedUntil = seconds * 1e6;
    if (aSecond == 0) {
      model.onAnswer =
          shake -> {
            if (model.agenda.now() < model.countedUntil) {
              client.add(half, () -> model.shakeNow(client, half, model.agenda.now()));
            }
          };
      for (int i = 0; i < clients; i++) {
        model.shakeNow(client, half, 0);
      }
    } else {
      for (long i = 0; i < seconds * aSecond; i++) {
        double due = i * 1e6 / aSecond;
        double sent = Math.ceil(due / MS) * MS; // the crowd looks every millisecond
        model.agenda.after(sent, () -> model.shakeNow(client, half, due));
      }
      model.onAnswer = shake -> client.add(half, () -> {});
    }
    model.agenda.run(HORIZON_MICROS);
    return model.result();
  }

  private void shakeNow(Loop client, double micros, double dueAt) {
    shakes++;
    client.add(micros, () -> edges[0].hear(new Shake(0, dueAt)));
  }

  /** Everybody shakes once, for any item; all watch one, and are shown it at the opening. */
  private void comeOnce(long phones, double meanMicros) {
    for (EdgeModel edge : edges) {
      edge.push(watchersAnItem * items);
    }
    shakes = phones;
    comeNext(phones, meanMicros);
  }

  /** Of so many exponential times the next one is the earliest of those that are left. */
  private void comeNext(long left, double meanMicros) {
    if (left == 0) {
      return;
    }
    agenda.after(
        -Math.log(1 - random.nextDouble()) * meanMicros / left,
        () -> {
          Shake shake = new Shake(random.nextInt(items), agenda.now());
          EdgeModel edge = edges[random.nextInt(edges.length)];
          proxied(1, () -> edge.hear(shake));
          comeNext(left - 1, meanMicros);
        });
  }

  /** So many frames through one of the workers, whichever has the phone. */
  void proxied(double frames, Runnable then) {
    if (proxies.length == 0) {
      then.run();
    } else {
      proxies[random.nextInt(proxies.length)].add(frames * proxyFrameMicros, then);
    }
  }

  // ── between the parts

  void toOwner(Message message) {
    messages++;
    carried += message.shakes.size();
    agenda.after(networkMicros, () -> owner.hear(message));
  }

  void toEdge(Message message, Said said) {
    agenda.after(networkMicros, () -> message.edge.reply(message, said));
  }

  /** All edges hear of it with the next hint, each in a message of its own. */
  void soldOut(int item) {
    soldOutAt = agenda.now();
    agenda.after(
        Bounds.HINT_EVERY_MS * MS,
        () -> {
          owner.aside(edges.length);
          for (EdgeModel edge : edges) {
            agenda.after(networkMicros, () -> edge.hearSoldOut(item, watchersAnItem));
          }
        });
  }

  void question() {
    agenda.after(networkMicros, () -> owner.aside(1));
  }

  void answer(Shake shake, boolean yes) {
    if (shake.answered) {
      twice++;
      return;
    }
    shake.answered = true;
    proxied(1, () -> arrived(shake, yes));
  }

  private void arrived(Shake shake, boolean yes) {
    accepted += yes ? 1 : 0;
    refused += yes ? 0 : 1;
    lastAnswerAt = agenda.now();
    inTime += lastAnswerAt <= countedUntil ? 1 : 0;
    answerMicros.recordValue(Math.round(lastAnswerAt - shake.bornAt));
    onAnswer.accept(shake);
  }

  boolean isQuiet() {
    return accepted + refused == shakes;
  }

  // ── what is counted

  void busy() {
    busy++;
  }

  void timedOut() {
    timeouts++;
  }

  void drained() {
    drainedAt = agenda.now();
  }

  void peakQueue(int queue) {
    peakQueue = Math.max(peakQueue, queue);
  }

  void peakBeyondLine(int beyond) {
    peakBeyondLine = Math.max(peakBeyondLine, beyond);
  }

  void peakBatch(int batch, int batches) {
    peakBatch = Math.max(peakBatch, batch);
    peakBatches = Math.max(peakBatches, batches);
  }

  void peakOwner(int held, int collecting) {
    peakHeld = Math.max(peakHeld, held);
    peakCollecting = Math.max(peakCollecting, collecting);
  }

  private Result result() {
    double end = Math.max(1, Math.min(countedUntil, lastAnswerAt));
    double busiestProxy = 0;
    for (Loop proxy : proxies) {
      busiestProxy = Math.max(busiestProxy, proxy.busyMicros());
    }
    double busiestEdge = 0;
    for (EdgeModel edge : edges) {
      busiestEdge = Math.max(busiestEdge, edge.loop().busyMicros());
    }
    return new Result(
        shakes,
        accepted,
        refused,
        shakes - accepted - refused,
        twice,
        busy,
        timeouts,
        owner.accepted(),
        owner.drained(),
        soldOutAt / MS,
        drainedAt / MS,
        lastAnswerAt / MS,
        answerMicros.getValueAtPercentile(50) / MS,
        answerMicros.getValueAtPercentile(99) / MS,
        inTime * 1e6 / end,
        busiestProxy / lastAnswerAt,
        busiestEdge / lastAnswerAt,
        ownerLoop.busyMicros() / lastAnswerAt,
        redis.busyMicros() / lastAnswerAt,
        mysql.busyMicros() / Math.max(1, drainedAt),
        (double) carried / Math.max(1, messages),
        (double) owner.accepted() / Math.max(1, owner.appends()),
        new Result.Peaks(
            peakQueue, peakBatch, peakBatches, peakBeyondLine, peakHeld, peakCollecting));
  }
}
