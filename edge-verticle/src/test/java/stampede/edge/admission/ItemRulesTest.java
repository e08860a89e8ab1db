package stampede.edge.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.edge.admission.Attempts.NOW;
import static stampede.edge.admission.Rule.GO_ON;

import org.junit.jupiter.api.Test;
import stampede.protocol.ItemState;

class ItemRulesTest {
  private final Attempts attempts = new Attempts();

  @Test
  void theWindowIsShutOnlyWhenItIsCertainlyTooEarlyAndSaysForHowLong() {
    assertThat(ItemRules.window(attempts.at(NOW - 10_000).make())).isEqualTo(10_000);
    assertThat(ItemRules.window(attempts.at(NOW - 501).make())).isEqualTo(501);
    assertThat(ItemRules.window(attempts.at(NOW - 500).make())).isEqualTo(GO_ON);
    assertThat(ItemRules.window(attempts.at(NOW + 1).make())).isEqualTo(GO_ON);
  }

  @Test
  void withoutAHintOrTheOwnersTimeTheOwnerIsAsked() {
    attempts.state = ItemState.PAUSED;
    assertThat(ItemRules.window(attempts.at(NOW - 10_000).makeWithoutHint())).isEqualTo(GO_ON);
    attempts.ownerHeard = false;
    assertThat(ItemRules.window(attempts.make())).isEqualTo(GO_ON);
    assertThat(ItemRules.paused(attempts.make(), bound -> 0)).isEqualTo(GO_ON);
  }

  @Test
  void aPausedItemTakesNoShakesAndSpreadsWhoComesAgain() {
    attempts.state = ItemState.PAUSED;

    assertThat(ItemRules.paused(attempts.make(), bound -> 0)).isEqualTo(1_000);
    assertThat(ItemRules.paused(attempts.make(), bound -> bound - 1)).isEqualTo(2_999);
    attempts.state = ItemState.OPEN;
    assertThat(ItemRules.paused(attempts.make(), bound -> 0)).isEqualTo(GO_ON);
  }

  @Test
  void theGateLetsItsPartIn() {
    attempts.gate = 250_000;
    int in = 0;
    for (int die = 0; die < 1_000_000; die += 1_000) {
      int thrown = die;
      in += ItemRules.gate(attempts.make(), bound -> thrown % bound) == GO_ON ? 1 : 0;
    }

    assertThat(in).isEqualTo(250);
    attempts.gate = 0;
    assertThat(ItemRules.gate(attempts.make(), bound -> 0)).isEqualTo(500);
  }
}
