package stampede.rig.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.chaos.HandOverLog.HandOver;

class HandOverLogTest {
  @TempDir Path directory;

  @Test
  void gapLastsFromTheFlushOfTheOneToTheServingOfTheOther() throws IOException {
    Path from =
        log(
            "sale-1",
            "2026-11-28T09:48:06.343Z INFO  SaleVerticle partition 6 is given up, epoch 10 to sale-2: flushing 1.5 ms, releasing 4.5 ms");
    Path to =
        log(
            "sale-2",
            "2026-11-28T09:48:06.100Z INFO  SaleVerticle partition 5 is served, epoch 10 from position 3: acquiring 14.8, replaying 5.9, opening 4.5 ms",
            "2026-11-28T09:48:06.374Z INFO  SaleVerticle partition 6 is served, epoch 11 from position 11: asking 50.1, acquiring 14.8, replaying 5.9, opening 4.5 ms");

    List<HandOver> all = new HandOverLog(Map.of("sale-1", from, "sale-2", to)).read();

    assertThat(all).hasSize(1);
    HandOver only = all.get(0);
    assertThat(only.partition()).isEqualTo(6);
    assertThat(only.from()).isEqualTo("sale-1");
    assertThat(only.to()).isEqualTo("sale-2");
    assertThat(only.gapMs()).isCloseTo(37, within(0.01));
    assertThat(only.isWithin(only.servedAtMs() - 500, only.servedAtMs() + 1)).isTrue();
    assertThat(only.isWithin(only.servedAtMs() + 500, only.servedAtMs() + 600)).isFalse();
  }

  private Path log(String node, String... lines) throws IOException {
    return Files.write(directory.resolve(node + ".log"), List.of(lines));
  }
}
