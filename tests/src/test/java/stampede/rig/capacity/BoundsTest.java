package stampede.rig.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

/** The product's private bounds are in the model as they are in the product. */
class BoundsTest {
  @Test
  void theModelHasTheBoundsOfTheEdge() throws Exception {
    String queue = "stampede.edge.PartitionQueue";

    assertThat(Bounds.REQUEST_TIMEOUT_MS).isEqualTo(constant(queue, "REQUEST_TIMEOUT_MS"));
    assertThat(Bounds.LIFE_MS).isEqualTo(constant(queue, "LIFE_MS"));
    assertThat(Bounds.BACKOFF_MIN_MS).isEqualTo(constant(queue, "BACKOFF_MIN_MS"));
    assertThat(Bounds.BACKOFF_MAX_MS).isEqualTo(constant(queue, "BACKOFF_MAX_MS"));
    assertThat(Bounds.ASK_EVERY_MS)
        .isEqualTo(constant("stampede.edge.SoldOutWatch", "ASK_EVERY_MS"));
    assertThat(Bounds.BUSY_RETRY_MS_MIN)
        .isEqualTo(constant("stampede.edge.admission.ItemQueues", "RETRY_MS_MIN"));
    assertThat((long) Bounds.BUSY_SPREAD_MS)
        .isEqualTo(constant("stampede.edge.admission.Admission", "BUSY_SPREAD_MS"));
    assertThat((long) Bounds.PORTION).isEqualTo(constant("stampede.edge.ItemBoard", "PORTION"));
    assertThat((long) Bounds.LET_IN_A_TURN)
        .isEqualTo(constant("stampede.edge.ShakeEndpoint", "LET_IN_A_TURN"));
    assertThat(Bounds.TURN_MS).isEqualTo(constant("stampede.edge.ShakeEndpoint", "TURN_MS"));
  }

  @Test
  void theModelHasTheBoundsOfTheOwner() throws Exception {
    assertThat(Bounds.HINT_EVERY_MS)
        .isEqualTo(constant("stampede.sale.PartitionOwner", "HINT_EVERY_MS"));
    assertThat(Bounds.OWNER_PENDING_MS)
        .isEqualTo(constant("stampede.sale.Tenure", "PENDING_AFTER_MS"));
    assertThat((long) Bounds.EDGES_MAX).isEqualTo(constant("stampede.sale.Passages", "EDGES_MAX"));
  }

  private static long constant(String className, String name) throws Exception {
    Field field = Class.forName(className).getDeclaredField(name);
    field.setAccessible(true);
    return ((Number) field.get(null)).longValue();
  }
}
