package stampede.standalone.crowd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BehaviourTest {
  @Test
  void everyKindOfShopperIsInTheCrowd() {
    Set<String> kinds = new HashSet<>();
    SplittableRandom random = new SplittableRandom(7);

    for (int i = 0; i < 500; i++) {
      Behaviour one = Behaviour.draw(random, 10);
      kinds.add("early " + (one.firstShakeMs() < 0));
      kinds.add("double " + one.doubleClicks());
      kinds.add("repeats " + one.repeatsKey());
      kinds.add("greedy " + one.greedy());
      kinds.add("reconnects " + one.reconnects());
      kinds.add("vanishes " + one.vanishes());
      kinds.add("retries " + one.retries());
    }

    assertThat(kinds).hasSize(6 * 2 + 4);
  }

  @Test
  void theSameSeedDrawsTheSameCrowd() {
    assertThat(draw(7)).isEqualTo(draw(7)).isNotEqualTo(draw(8));
  }

  @Test
  void aPlanNamesTheFieldThatIsWrong() {
    URI url = URI.create("http://127.0.0.1:1");

    assertThatThrownBy(() -> new CrowdPlan(url, "1001", 0, 1, 7, 0))
        .hasMessageContaining("users: found 0");
    assertThatThrownBy(() -> new CrowdPlan(url, "x", 1, 1, 7, 0))
        .hasMessageContaining("item: found x");
    assertThatThrownBy(() -> new CrowdPlan(url, "1001", 1, 0, 7, 0))
        .hasMessageContaining("seconds: found 0");
    assertThatThrownBy(() -> new CrowdPlan(URI.create("ftp://h"), "1", 1, 1, 7, 0))
        .hasMessageContaining("url: found ftp://h");
  }

  private static List<Behaviour> draw(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Behaviour> drawn = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      drawn.add(Behaviour.draw(random, 10));
    }
    return drawn;
  }
}
