package stampede.sale;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.edge.OwnerRoutes;
import stampede.node.Alarms;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.protocol.Addresses;
import stampede.protocol.Hint;
import stampede.rig.NodeConfigs;
import stampede.standalone.EmbeddedRedis;

/** A sale node on the real bus of a cluster that has an edge, and whether that edge reaches it. */
class DeafOwnerIT {
  private static final int PARTITIONS = 2;
  private static final long SETTLED_MS_MAX = 20_000;

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final Context edge = vertx.getOrCreateContext();
  private final long deafBefore = deafAlarms();
  private EmbeddedRedis redis;
  private OwnerRoutes routes;

  @BeforeEach
  void start() throws Exception {
    redis = EmbeddedRedis.start(directory);
    routes = new OwnerRoutes(new VertxTimers(vertx), new VertxBus(vertx), PARTITIONS);
  }

  @AfterEach
  void stop() throws Exception {
    edge.runOnContext(go -> routes.stop());
    vertx.close().await(60, SECONDS);
    redis.stop();
  }

  /** One of two, as the members show it; the other one has yet to come. */
  private void deploySale() throws Exception {
    SaleConfig config = NodeConfigs.sale("s1", redis.url(), PARTITIONS, 5_000_000, 1_000_000);
    Candidates line = partition -> List.of("s1", "s2");
    SaleVerticle sale = new SaleVerticle(config, line, () -> List.of("e1"), new Vitals());
    vertx.deployVerticle(sale).await(60, SECONDS);
    await().atMost(SETTLED_MS_MAX, MILLISECONDS).until(this::servesAll);
  }

  private boolean servesAll() {
    return hints().stream().allMatch(Hint::serving);
  }

  private List<Hint> hints() {
    Buffer said =
        vertx.eventBus().<Buffer>request(Addresses.OWNERS, Buffer.buffer()).await().body();
    return Hint.decodeAll(said.getBytes());
  }

  private static long deafAlarms() {
    return Alarms.ofProcess().counts().getOrDefault("partition.deaf", 0L);
  }

  private void assertGivenUp(long msMax) {
    await()
        .atMost(msMax + SETTLED_MS_MAX, MILLISECONDS)
        .pollInterval(50, MILLISECONDS)
        .untilAsserted(
            () -> {
              assertThat(deafAlarms()).isEqualTo(deafBefore + PARTITIONS);
              assertThat(hints()).extracting(Hint::status).containsOnly("away");
              assertThat(hints()).noneMatch(Hint::serving);
            });
  }

  @Test
  void ownerThatNoEdgeEverPingedGivesItsPartitionsUp() throws Exception {
    deploySale();

    assertGivenUp(EdgeWatch.FIRST_SILENCE_MAX_MS);
  }

  @Test
  void ownerKeepsItsPartitionsForAsLongAsAnEdgePingsIt() throws Exception {
    edge.runOnContext(go -> routes.start());
    deploySale();

    Thread.sleep(EdgeWatch.FIRST_SILENCE_MAX_MS + 2_000);
    assertThat(deafAlarms()).isEqualTo(deafBefore);
    assertThat(servesAll()).isTrue();

    edge.runOnContext(go -> routes.stop());
    assertGivenUp(EdgeWatch.SILENCE_MAX_MS);
  }
}
