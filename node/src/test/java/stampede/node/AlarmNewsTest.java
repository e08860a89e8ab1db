package stampede.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import stampede.protocol.Addresses;

class AlarmNewsTest {
  private final Alarms alarms = new Alarms(System::nanoTime, (text, cause) -> {});

  @Test
  void anAlarmIsToldOnTheBusAndAfterItsEndNobodyIsHurt() throws Exception {
    Vertx vertx = Vertx.vertx();
    VertxBus bus = new VertxBus(vertx);
    BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
    bus.subscribe(
        Addresses.ALARMS,
        bytes -> heard.add(new JsonObject(new String(bytes, StandardCharsets.UTF_8))));
    AlarmNews.tell(alarms, bus, "sale-1", () -> 7);

    alarms.raise("journal.gap", 3, "x".repeat(5_000));
    alarms.raise("node.stop-slow", "the bus");

    JsonObject first = heard.poll(10, TimeUnit.SECONDS);
    assertThat(first.getString("detail")).hasSize(AlarmNews.DETAIL_CHARS_MAX);
    first.remove("detail");
    assertThat(first)
        .isEqualTo(
            JsonObject.of("node", "sale-1", "code", "journal.gap", "leftOut", 0, "at", 7)
                .put("partition", 3));
    assertThat(heard.poll(10, TimeUnit.SECONDS).containsKey("partition")).isFalse();

    vertx.close().await(10, TimeUnit.SECONDS);
    alarms.raise("node.stop-failed", "told to nobody");
    assertThat(alarms.counts()).containsKey("node.stop-failed");
  }
}
