package stampede.edge.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.edge.VirtualTimers;
import stampede.edge.management.live.LiveFigures;
import stampede.protocol.Addresses;
import stampede.protocol.ItemState;
import stampede.protocol.SaleFigures;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/** The figures of all edges and owners, their ages and their last 15 minutes. */
class LiveFiguresTest {
  private final VirtualTimers timers = new VirtualTimers();
  private final Wires bus = new Wires();
  private final JsonObject own = new JsonObject().put("sockets", 3).put("shakes", 10);
  private long lagMs = -1;
  private final LiveFigures figures =
      new LiveFigures("edge-1", bus, timers, own::copy, () -> lagMs);

  @BeforeEach
  void start() {
    figures.start();
  }

  /** Bytes as they are. */
  private static final class Wires implements Bus {
    private final Map<String, Consumer<byte[]>> subscribers = new HashMap<>();
    private final List<JsonObject> published = new ArrayList<>();

    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      throw new AssertionError("figures ask nobody");
    }

    @Override
    public void publish(String address, byte[] message) {
      assertThat(address).isEqualTo(Addresses.EDGE_FIGURES);
      published.add(new JsonObject(new String(message, StandardCharsets.UTF_8)));
    }

    @Override
    public Registration serve(String address, Handler handler) {
      throw new AssertionError("figures serve nothing");
    }

    @Override
    public Registration subscribe(String address, Consumer<byte[]> handler) {
      subscribers.put(address, handler);
      return () -> subscribers.remove(address);
    }
  }

  private void edge(String node, long shakes, long soldOut) {
    JsonObject said =
        new JsonObject()
            .put("node", node)
            .put("sockets", 5)
            .put("shakes", shakes)
            .put("outcomes", new JsonObject().put("sold_out", soldOut).put("of a later version", 7))
            .put("queue", 2)
            .put("eventLoopDelayMs", 40);
    bus.subscribers.get(Addresses.EDGE_FIGURES).accept(said.toBuffer().getBytes());
  }

  private void owner(int partition, long epoch, long accepted, long item, long available) {
    SaleFigures.Item units =
        new SaleFigures.Item(item, ItemState.OPEN, available, 10 - available, 0, 10);
    bus.subscribers
        .get(Addresses.SALE_FIGURES)
        .accept(new SaleFigures(partition, epoch, accepted, 0, 0, List.of(units)).encode());
  }

  @Test
  void anEdgeTellsItsOwnFourTimesASecond() {
    timers.advance(2_000);

    assertThat(bus.published).hasSize(9);
    assertThat(bus.published.get(0)).isEqualTo(own.copy().put("node", "edge-1"));
  }

  @Test
  void figuresOfAllEdgesAddUpAndAreAsOldAsTheOldest() {
    edge("edge-2", 100, 40);
    timers.advance(300);

    JsonObject now = figures.now();

    assertThat(now.getJsonObject("sockets")).isEqualTo(JsonObject.of("value", 8L, "ageMs", 300L));
    assertThat(now.getJsonObject("shakes").getLong("value")).isEqualTo(110);
    assertThat(now.getJsonObject("outcomes").getJsonObject("sold_out").getLong("value"))
        .isEqualTo(40);
    assertThat(now.getJsonObject("eventLoopDelayMs").getLong("value")).isEqualTo(40);
    assertThat(now.getJsonArray("edges")).hasSize(2);
  }

  @Test
  void oneThatIsSilentIsShownWithItsAgeButCountsNoMore() {
    edge("edge-2", 100, 0);
    timers.advance(4_000);
    assertThat(figures.now().getJsonObject("sockets").getLong("value")).isEqualTo(3);
    assertThat(figures.now().getJsonArray("edges").getJsonObject(1).getLong("ageMs"))
        .isEqualTo(4_000);

    timers.advance(60_000);
    assertThat(figures.now().getJsonArray("edges")).hasSize(1);
  }

  @Test
  void whatCameInASecondIsCountedAlsoWhenAnEdgeBeginsAnew() {
    edge("edge-2", 100, 0);
    edge("edge-2", 130, 0);
    own.put("shakes", 15);
    timers.advance(1_000);
    JsonObject first = figures.now();
    edge("edge-2", 4, 0);
    timers.advance(1_000);

    assertThat(first.getJsonObject("perSecond").getLong("shakes")).isEqualTo(35);
    assertThat(figures.now().getJsonObject("perSecond").getLong("shakes")).isEqualTo(4);
    assertThat(series("perSecond", "shakes")).isEqualTo(JsonArray.of(35L, 4L));
  }

  @Test
  void howFastFiguresGrowDoesNotJumpWithWhenTheyAreAskedFor() {
    int shakes = 0;
    for (int word = 0; word < 40; word++) {
      shakes += 33; // 110 a second, told every 300 ms: three or four times in a second
      edge("edge-2", shakes, 0);
      timers.advance(70 + word % 3);
      assertThat(shakesPerSecond()).isBetween(word < 4 ? 0L : 109L, word < 4 ? 130L : 111L);
      timers.advance(230 - word % 3);
      assertThat(shakesPerSecond()).isBetween(word < 4 ? 0L : 109L, word < 4 ? 130L : 111L);
    }

    timers.advance(4_000);
    assertThat(shakesPerSecond()).as("it is silent").isZero();
    edge("edge-2", shakes, 0);
    assertThat(shakesPerSecond()).isZero();
  }

  private long shakesPerSecond() {
    return figures.now().getJsonObject("perSecond").getLong("shakes");
  }

  @Test
  void whoAsksVeryOftenHearsTheSame() {
    for (int asked = 0; asked < 2_000; asked++) {
      own.put("shakes", 10 + asked);
      timers.advance(10);
      long perSecond = shakesPerSecond();
      assertThat(perSecond).isBetween(asked < 120 ? 0L : 99L, 101L);
    }
  }

  @Test
  void ordersAreCountedOverEpochsAndThoseOfAnOwnerThatWasAreNot() {
    owner(1, 3, 50, 1001, 9);
    owner(1, 3, 53, 1001, 6);
    owner(1, 4, 2, 1001, 4);
    owner(1, 3, 90, 1001, 9);
    timers.advance(1_000);

    JsonObject now = figures.now();
    assertThat(now.getJsonObject("perSecond").getLong("accepted")).isEqualTo(5);
    assertThat(now.getJsonArray("items").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("item", "1001")
                .put("partition", 1)
                .put("state", "open")
                .put("available", 4L)
                .put("held", 6L)
                .put("sold", 0L)
                .put("stock", 10L)
                .put("ageMs", 1_000L));
  }

  @Test
  void itemThatItsOwnerTellsNoMoreCountsInNoSumAndMakesNoneOld() {
    owner(1, 3, 0, 1001, 9);
    for (int told = 0; told < 6; told++) {
      timers.advance(500);
      owner(1, 3, 0, 1002, 4);
    }

    JsonObject now = figures.now();
    assertThat(now.getJsonObject("available")).isEqualTo(JsonObject.of("value", 4L, "ageMs", 0L));
    assertThat(now.getJsonArray("items").getJsonObject(0).getLong("ageMs")).isEqualTo(3_000);

    for (int told = 0; told < 8; told++) {
      timers.advance(500);
      owner(1, 3, 0, 1002, 4);
    }
    assertThat(figures.now().getJsonArray("items")).as("it is listed no more").hasSize(1);
  }

  @Test
  void itemsToldInTurnAllCount() {
    for (int told = 0; told < 12; told++) {
      owner(1, 3, 0, 1001 + told % 4, 5);
      timers.advance(500);
    }

    assertThat(figures.now().getJsonObject("available"))
        .isEqualTo(JsonObject.of("value", 20L, "ageMs", 2_000L));
  }

  @Test
  void silentOwnersItemsCountAndAreAsOldAsItsSilence() {
    owner(1, 3, 0, 1001, 9);
    timers.advance(10_000);
    owner(2, 3, 0, 1002, 4);

    assertThat(figures.now().getJsonObject("available"))
        .isEqualTo(JsonObject.of("value", 13L, "ageMs", 10_000L));
  }

  @Test
  void quarterOfAnHourIsKeptAndNotASecondMore() {
    for (int second = 1; second <= 1_000; second++) {
      lagMs = second <= 500 ? -1 : second;
      owner(0, 1, second, 1001, second % 10);
      timers.advance(1_000);
    }

    JsonArray accepted = series("perSecond", "accepted");
    JsonArray lag = series("now", "drainLagMs");
    JsonObject line = figures.history(900, List.of(1001L)).getJsonObject("items");
    assertThat(accepted).hasSize(900).allMatch(Long.valueOf(1)::equals);
    assertThat(lag.getValue(0)).isNull();
    assertThat(lag.getLong(899)).isEqualTo(1_000);
    assertThat(line.getJsonObject("1001").getJsonArray("available")).hasSize(900);
    assertThat(line.getJsonObject("1001").getJsonArray("held").getLong(899)).isEqualTo(10);
    assertThat(figures.history(60, List.of()).getInteger("seconds")).isEqualTo(60);
    assertThat(figures.history(60, List.of(7L)).getJsonObject("items").getJsonObject("7"))
        .isEmpty();
  }

  @Test
  void whateverComesItemsAndEdgesAreBounded() {
    for (int i = 1; i <= 1_000; i++) {
      owner(i % 16, 1, 0, i, 5);
      edge("edge-" + i, 1, 1);
    }
    timers.advance(1_000);

    assertThat(figures.now().getJsonArray("items")).hasSize(200);
    assertThat(figures.now().getJsonArray("edges")).hasSize(256);
    assertThat(figures.now().encode().length()).isLessThan(80_000);
  }

  @Test
  void newItemTakesThePlaceOfOneThatIsPast() {
    for (int i = 1; i <= 200; i++) {
      owner(0, 1, 0, i, 5);
    }
    timers.advance(70_000);
    owner(0, 1, 0, 777, 5);
    timers.advance(1_000);

    assertThat(figures.now().getJsonArray("items")).hasSize(1);
    assertThat(figures.history(5, List.of(777L)).getJsonObject("items").getJsonObject("777"))
        .isNotEmpty();
  }

  @Test
  void whatCanNotBeReadIsLeftOut() {
    Consumer<byte[]> hear = bus.subscribers.get(Addresses.EDGE_FIGURES);
    hear.accept("no json".getBytes(StandardCharsets.UTF_8));
    hear.accept("{\"node\":7,\"shakes\":\"many\"}".getBytes(StandardCharsets.UTF_8));
    hear.accept(
        "{\"node\":\"edge-3\",\"shakes\":\"many\",\"outcomes\":[]}"
            .getBytes(StandardCharsets.UTF_8));

    assertThat(figures.now().getJsonObject("shakes").getLong("value")).isEqualTo(10);
  }

  private JsonArray series(String group, String name) {
    return figures.history(900, List.of()).getJsonObject(group).getJsonArray(name);
  }
}
