package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import stampede.protocol.Rendezvous;

class MemberLineTest {
  private static final int PARTITIONS = 512;

  private static List<String> members(int count) {
    List<String> members = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      members.add("sale-" + i);
    }
    return members;
  }

  private static List<String> line(List<String> members, int partition) {
    List<String> line = new MemberLine(() -> members).line(partition);
    for (String each : members) {
      int rank = Rendezvous.rank(each, members, partition);
      assertThat(line.get(rank)).as("rank %d of partition %d", rank, partition).isEqualTo(each);
    }
    return line;
  }

  @Test
  void everyNodeComputesTheSameLineInWhateverOrderItSeesTheMembers() {
    List<String> members = members(5);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      List<String> line = line(members, partition);
      List<String> shuffled = new ArrayList<>(members);
      Collections.shuffle(shuffled, new Random(partition));

      assertThat(line(shuffled, partition)).isEqualTo(line);
    }
  }

  @Test
  void nodeThatLeavesMovesOnlyItsOwnPartitions() {
    List<String> before = members(5);
    List<String> after = new ArrayList<>(before);
    after.remove("sale-3");
    for (int partition = 0; partition < PARTITIONS; partition++) {
      List<String> expected = new ArrayList<>(line(before, partition));
      expected.remove("sale-3");

      assertThat(line(after, partition)).isEqualTo(expected);
    }
  }

  @Test
  void partitionsSpreadOverTheNodes() {
    List<String> members = members(4);
    int[] first = new int[4];
    for (int partition = 0; partition < PARTITIONS; partition++) {
      first[members.indexOf(line(members, partition).get(0))]++;
    }

    for (int each : first) {
      assertThat(each).isBetween(PARTITIONS / 4 * 6 / 10, PARTITIONS / 4 * 14 / 10);
    }
  }

  @Test
  void nodeAloneIsTheWholeLine() {
    MemberLine line = new MemberLine(() -> members(1));

    for (int partition = 0; partition < PARTITIONS; partition++) {
      assertThat(line.line(partition)).containsExactly("sale-1");
    }
  }
}
