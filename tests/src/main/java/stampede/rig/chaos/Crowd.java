package stampede.rig.chaos;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.HdrHistogram.Histogram;

/**
 * An open-model crowd on real WebSockets: shakes are meant for times drawn from the rate, whatever
 * the shop does, and latencies count from then. Seats are taken by one user after another, so that
 * limits per user never end the sale. Everything runs on one event loop of its own; the public
 * methods may be called by any thread and wait for it, at most {@value #TURN_SECONDS_MAX} s.
 */
final class Crowd implements AutoCloseable {
  private static final int SHAKES_MIN = 15;
  private static final int SHAKES_SPREAD = 30;
  private static final long TICK_MS = 2;
  private static final long LOOK_MS = 200;
  private static final int SENDS_A_TURN = 200;
  private static final int CONNECT_MS_MAX = 2_000;
  private static final long TURN_SECONDS_MAX = 10;
  private static final double TWICE = 0.15;
  private static final double BOUND_AGAIN = 0.03;
  private static final double DROP = 0.004;

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
  private final Context context = vertx.getOrCreateContext();
  private final WebSocketClient client;
  private final SplittableRandom random;
  private final long seed;
  private final Tape tape;
  private final Supplier<List<String>> edges;
  private final UnaryOperator<String> tokenOf;
  private final PaymentSide payments;
  private final SellingWatch selling;
  private final List<ChaosShopper> seats = new ArrayList<>();
  private final List<Integer> livesLeft = new ArrayList<>();
  private final List<ChaosShopper> leaving = new ArrayList<>();
  private final List<SaleOffer> offers = new ArrayList<>();
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  private final LongAdder shakes = new LongAdder();
  private final LongAdder orders = new LongAdder();
  private final LongAdder sockets = new LongAdder();
  private final Histogram latencyMicros = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
  private int users;
  private int nextEdge;
  private double nanosAShake;
  private double nextNanos;
  private long timer = -1;
  private volatile boolean closed;

  /**
   * @param edges {@code host:port} of those that can be gone to; asked for each connection
   * @param tokenOf gives a user's token
   */
  Crowd(
      long seed,
      Tape tape,
      Supplier<List<String>> edges,
      UnaryOperator<String> tokenOf,
      PaymentSide.Signer signer,
      SellingWatch selling) {
    this.seed = seed;
    this.random = new SplittableRandom(seed ^ 0x5eed);
    this.tape = tape;
    this.edges = edges;
    this.tokenOf = tokenOf;
    this.selling = selling;
    this.payments = new PaymentSide(vertx, this, edges, tokenOf, signer);
    this.client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxConnections(20_000)
                .setConnectTimeout(CONNECT_MS_MAX)
                .setTryUsePerMessageCompression(false));
  }

  /** Fills the seats and shakes from now on. */
  void start(List<SaleOffer> on, int seatCount, int ratePerSecond) {
    turn(
        () -> {
          offers.addAll(on);
          for (int i = 0; i < seatCount; i++) {
            seats.add(newcomer(i));
            livesLeft.add(life());
          }
          nanosAShake = 1e9 / ratePerSecond;
          nextNanos = System.nanoTime() + 2e9; // sockets first
          timer = vertx.setPeriodic(TICK_MS, tick -> sendDue());
          vertx.setPeriodic(LOOK_MS, look -> look());
          return null;
        });
  }

  /** From now on that many shakes a second. */
  void pace(int ratePerSecond) {
    turn(
        () -> {
          nanosAShake = 1e9 / ratePerSecond;
          return null;
        });
  }

  /** No new shakes; what is open is still asked for. */
  void stopShaking() {
    turn(() -> vertx.cancelTimer(timer));
  }

  /** Asks for everything open at once and gives the number of keys that are. */
  int askAll() {
    return turn(
        () -> {
          long now = System.nanoTime();
          everybody().forEach(shopper -> shopper.askAll(now));
          return everybody().stream().mapToInt(ChaosShopper::openKeys).sum();
        });
  }

  /** Everybody asks for what they got: that it is theirs for ever holds after all faults. */
  void askForOrders() {
    turn(
        () -> {
          long now = System.nanoTime();
          everybody().forEach(shopper -> shopper.askForOrders(now));
          return null;
        });
  }

  /** Keys nobody answered yet. */
  List<String> openKeys() {
    return turn(() -> everybody().stream().flatMap(s -> s.openKeyNames().stream()).toList());
  }

  /** Payments and cancellations that are tried again until they are answered. */
  int paymentsOpen() {
    return turn(payments::open);
  }

  long shakes() {
    return shakes.sum();
  }

  long orders() {
    return orders.sum();
  }

  long sockets() {
    return sockets.sum();
  }

  Map<String, Long> outcomes() {
    return sums(outcomes);
  }

  Map<String, Long> counts() {
    return sums(counts);
  }

  Histogram latencyMicros() {
    return turn(latencyMicros::copy);
  }

  private static Map<String, Long> sums(Map<String, LongAdder> adders) {
    Map<String, Long> sums = new TreeMap<>();
    adders.forEach((name, adder) -> sums.put(name, adder.sum()));
    return sums;
  }

  private <T> T turn(Callable<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    context.runOnContext(
        now -> {
          try {
            done.complete(work.call());
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    return done.orTimeout(TURN_SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  private List<ChaosShopper> everybody() {
    List<ChaosShopper> all = new ArrayList<>(seats);
    all.addAll(leaving);
    return all;
  }

  private ChaosShopper newcomer(int seat) {
    ChaosShopper shopper = new ChaosShopper(this, "c" + seed + "-" + seat + "-" + users++);
    shopper.connect();
    return shopper;
  }

  private int life() {
    return SHAKES_MIN + random.nextInt(SHAKES_SPREAD);
  }

  private void sendDue() {
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    for (int i = 0; i < SENDS_A_TURN && nextNanos <= now; i++) {
      act(random.nextInt(seats.size()), (long) nextNanos);
      nextNanos += -Math.log(1 - random.nextDouble()) * nanosAShake;
    }
  }

  private void act(int seat, long intendedNanos) {
    ChaosShopper shopper = seats.get(seat);
    double mood = random.nextDouble();
    SaleOffer offer = offers.get(random.nextInt(offers.size()));
    int quantity = random.nextInt(10) == 0 ? 2 : 1;
    boolean twice = random.nextDouble() < TWICE;
    if (mood < BOUND_AGAIN) {
      shopper.shakeBoundKey(random.nextInt(8));
    } else if (shopper.openKeys() >= ChaosShopper.OPEN_MAX) {
      count("withheld");
    } else {
      shopper.shake(offer, quantity, twice, intendedNanos);
    }
    if (mood > 1 - DROP) {
      shopper.drop();
    }
    if (shopper.shakes() >= livesLeft.get(seat)) {
      replace(seat, shopper);
    }
  }

  private void replace(int seat, ChaosShopper shopper) {
    shopper.leave();
    leaving.add(shopper);
    seats.set(seat, newcomer(seat));
    livesLeft.set(seat, life());
  }

  private void look() {
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    everybody().forEach(shopper -> shopper.look(now));
    for (Iterator<ChaosShopper> each = leaving.iterator(); each.hasNext(); ) {
      ChaosShopper shopper = each.next();
      if (shopper.gone() && !shopper.isConnected()) {
        each.remove();
      }
    }
  }

  Vertx vertx() {
    return vertx;
  }

  Tape tape() {
    return tape;
  }

  List<String> itemNames() {
    return offers.stream().map(SaleOffer::item).toList();
  }

  /** The next edge in turn that is not {@code last}, if there is another. */
  String edgeBeside(String last) {
    List<String> now = edges.get();
    for (int i = 0; i < now.size(); i++) {
      String edge = now.get(nextEdge++ % now.size());
      if (!edge.equals(last)) {
        return edge;
      }
    }
    return now.get(0);
  }

  Future<WebSocket> dial(String edge, String user, Consumer<ClientWebSocket> prepare) {
    ClientWebSocket socket = client.webSocket();
    prepare.accept(socket);
    int colon = edge.lastIndexOf(':');
    return socket.connect(
        new WebSocketConnectOptions()
            .setHost(edge.substring(0, colon))
            .setPort(Integer.parseInt(edge.substring(colon + 1)))
            .setURI("/shake")
            .setTimeout(CONNECT_MS_MAX)
            .addSubProtocol("shake.v1")
            .addHeader("Authorization", "Bearer " + tokenOf.apply(user)));
  }

  void opened(int change) {
    sockets.add(change);
  }

  void shaken() {
    shakes.increment();
  }

  void outcome(String told) {
    outcomes.computeIfAbsent(told, name -> new LongAdder()).increment();
  }

  void count(String what) {
    counts.computeIfAbsent(what, name -> new LongAdder()).increment();
  }

  void latency(OpenKey key, long now, boolean ownerMade) {
    long micros = (now - key.intendedNanos) / 1_000;
    latencyMicros.recordValue(Math.min(latencyMicros.getHighestTrackableValue(), micros));
    if (ownerMade) {
      selling.answered(key.offer.item(), key.intendedNanos, now);
    }
  }

  void accepted(ChaosShopper shopper, OpenKey key, JsonObject frame, long now) {
    orders.increment();
    payments.consider(random, shopper.user, frame.getString("order"), key.offer, key.quantity);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    turn(
        () -> {
          everybody().forEach(ChaosShopper::close);
          payments.stop();
          return null;
        });
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(15, TimeUnit.SECONDS).join();
  }
}
