package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stampede.protocol.Rendezvous;

class DrainShareTest {
  private static final int PARTITIONS = 16;
  private static final List<String> NODES = List.of("persist-1", "persist-2", "persist-3");

  private final List<String> live = new ArrayList<>(NODES);
  private final Map<String, DrainShare> shares = new HashMap<>();

  DrainShareTest() {
    NODES.forEach(node -> shares.put(node, new DrainShare(node, () -> live, PARTITIONS, 0)));
  }

  @Test
  void aloneItDrainsEverything() {
    DrainShare alone = new DrainShare("persist-1", () -> List.of("persist-1"), PARTITIONS, 0);

    for (int p = 0; p < PARTITIONS; p++) {
      assertThat(alone.isMine(p, 0)).isTrue();
    }
  }

  @Test
  void everyPartitionHasOneDrainerAndEveryNodeHasSome() {
    List<String> drainers = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      assertThat(drainersOf(p, 0)).hasSize(1);
      drainers.addAll(drainersOf(p, 0));
    }

    assertThat(drainers).containsAll(NODES);
  }

  @Test
  void lossOfAMemberMovesItsPartitionsAtOnceAndNoOthers() {
    Map<Integer, List<String>> before = new HashMap<>();
    for (int p = 0; p < PARTITIONS; p++) {
      before.put(p, drainersOf(p, 0));
    }

    live.remove("persist-2");

    for (int p = 0; p < PARTITIONS; p++) {
      List<String> now = drainersOf(p, 0);
      now.remove("persist-2"); // it still believes in itself, and does no harm
      assertThat(now).hasSize(1);
      if (!before.get(p).contains("persist-2")) {
        assertThat(now).isEqualTo(before.get(p));
      }
    }
  }

  @Test
  void nodesStepInOneAfterTheOtherWhileTheBetterPlacedAreQuiet() {
    int partition = 5;

    assertThat(drainersOf(partition, DrainShare.QUIET_MS - 1)).hasSize(1);
    assertThat(drainersOf(partition, DrainShare.QUIET_MS)).hasSize(2);
    assertThat(drainersOf(partition, 2 * DrainShare.QUIET_MS)).hasSize(3);
  }

  @Test
  void whoSteppedInRestsWhenABetterPlacedNodeIsHeardAgain() {
    int partition = 5;
    String first = inLine(partition, 0);
    String second = inLine(partition, 1);
    String third = inLine(partition, 2);
    long late = 3 * DrainShare.QUIET_MS;

    shares.get(second).heard(partition, third, late);
    assertThat(shares.get(second).isMine(partition, late)).isTrue();
    shares.get(third).heard(partition, second, late);
    shares.get(second).heard(partition, first, late);

    assertThat(shares.get(first).isMine(partition, late)).isTrue();
    assertThat(shares.get(second).isMine(partition, late)).isFalse();
    assertThat(shares.get(third).isMine(partition, late)).isFalse();
    assertThat(shares.get(second).isMine(partition + 1, late)).isTrue();
  }

  @Test
  void wordOfADepartedNodeDoesNotCount() {
    int partition = 5;
    String first = inLine(partition, 0);
    String third = inLine(partition, 2);
    live.remove(first);

    shares.get(third).heard(partition, first, DrainShare.QUIET_MS);

    assertThat(shares.get(third).isMine(partition, DrainShare.QUIET_MS)).isTrue();
  }

  @Test
  void nodeThatDoesNotSeeItselfDrains() {
    live.remove("persist-1");

    assertThat(shares.get("persist-1").isMine(0, 0)).isTrue();
  }

  private String inLine(int partition, int place) {
    return NODES.stream()
        .filter(node -> Rendezvous.rank(node, NODES, partition) == place)
        .findFirst()
        .orElseThrow();
  }

  private List<String> drainersOf(int partition, long nowMs) {
    List<String> drainers = new ArrayList<>();
    shares.forEach(
        (node, share) -> {
          if (share.isMine(partition, nowMs)) {
            drainers.add(node);
          }
        });
    return drainers;
  }
}
