package stampede.persist.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.PartitionMap;

class RehearsalTest {
  private static final int ROWS = 500;

  private final ReconcileWorld world = new ReconcileWorld(7);
  private final List<Rehearsal.Played> played = new ArrayList<>();

  @Test
  void comparesEveryRowAndFindsNoDifference() {
    for (int i = 0; i < ROWS; i++) {
      world.madeUp.add(row(2 + i, "paid"));
    }

    Rehearsal.play(world, played::add);
    world.run(10_000);

    assertThat(played).hasSize(1);
    assertThat(played.get(0).rounds()).as("in time").isBetween(2, Rehearsal.ROUNDS);
    assertThat(played.get(0).rows()).isGreaterThan((long) ROWS * played.get(0).rounds());
    assertThat(played.get(0).differing()).isZero();
  }

  @Test
  void rowThatIsReadWrongIsCountedAsInEarnest() {
    for (int i = 0; i < ROWS; i++) {
      world.madeUp.add(row(2 + i, i == 100 ? "held" : "paid"));
    }

    Rehearsal.play(world, played::add);
    world.run(10_000);

    assertThat(played.get(0).differing()).isEqualTo(played.get(0).rounds());
  }

  @Test
  void storeThatIsAwayEndsIt() {
    world.booksAway = true;

    Rehearsal.play(world, played::add);
    world.run(10_000);

    assertThat(played).containsExactly(new Rehearsal.Played(0, 0, 0));
  }

  private static OrderRow row(long position, String status) {
    return new OrderRow(
        PartitionMap.orderId(Rehearsal.PARTITION, position),
        1_001,
        Bytes.of("u" + position),
        Bytes.of("k" + position),
        2,
        9_900,
        "CNY",
        status,
        100,
        200,
        150,
        Bytes.of("p" + position),
        0,
        "",
        Bytes.EMPTY,
        "",
        0,
        0,
        Bytes.EMPTY,
        0,
        Rehearsal.PARTITION,
        position);
  }
}
