package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.sale.OwnerWorld.START_MS;
import static stampede.sale.OwnerWorld.item;
import static stampede.sale.OwnerWorld.publish;

import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.sale.OwnerWorld.Node;

class SlowStopTest {
  private final OwnerWorld world = new OwnerWorld();

  /** Others are asked for all the time, nobody asks for this one, and then Redis is away. */
  @Test
  void slowestStopThereIsEndsInTheTimeThatIsSaid() {
    Node a = world.node("a", 0);
    assertThat(world.serves(a, 1_000)).isTrue();
    a.line = List.of("a", "b");
    long beganMs = world.timers.millis();
    long[] tookMs = {-1};
    a.owner.stop(() -> tookMs[0] = world.timers.millis() - beganMs);

    while (tookMs[0] < 0 && world.timers.millis() < beganMs + 60_000) {
      a.turns.gaveOver(world.timers.millis());
      if (world.timers.millis() == beganMs + 7_200) {
        a.faults.cut(true);
        a.send(publish(item(1, 1, START_MS, 60_000))); // never known to be durable
      }
      world.pass(10);
    }

    assertThat(tookMs[0]).isBetween(12_000L, Leaving.MS_MAX);
  }
}
