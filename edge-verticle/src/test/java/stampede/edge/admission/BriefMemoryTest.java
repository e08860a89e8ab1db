package stampede.edge.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;

class BriefMemoryTest {
  @Test
  void remembersWhatWasPutLastAndForgetsWhatWasRemoved() {
    BriefMemory memory = new BriefMemory(100);
    assertThat(memory.get(5)).isEqualTo(BriefMemory.UNKNOWN);
    memory.put(5, 1);
    memory.put(5, 2);
    memory.put(0, 3);

    assertThat(memory.get(5)).isEqualTo(2);
    assertThat(memory.get(0)).isEqualTo(3);
    memory.remove(5);
    assertThat(memory.get(5)).isEqualTo(BriefMemory.UNKNOWN);
    assertThat(memory.size()).isEqualTo(1);
  }

  @Test
  void neverHoldsMoreThanItMayAndKeepsTheYoungest() {
    BriefMemory memory = new BriefMemory(1_000);
    for (int i = 1; i <= 100_000; i++) {
      memory.put(Bytes.mix64(i), i);
    }

    assertThat(memory.size()).isLessThanOrEqualTo(1_000).isGreaterThan(400);
    int young = 0;
    for (int i = 99_901; i <= 100_000; i++) {
      young += memory.get(Bytes.mix64(i)) == i ? 1 : 0;
    }
    assertThat(young).isEqualTo(100);
  }

  @Test
  void forgetsNobodyWhileItIsHalfFull() {
    BriefMemory memory = new BriefMemory(1 << 16);
    for (int i = 1; i <= 1 << 14; i++) {
      memory.put(Bytes.mix64(i), i);
    }

    assertThat(memory.size()).isGreaterThan((1 << 14) - 30);
  }
}
