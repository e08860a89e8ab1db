package stampede.edge.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.edge.admission.Attempts.ITEM;
import static stampede.edge.admission.Attempts.NOW;
import static stampede.edge.admission.Rule.GO_ON;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;

class CooldownTest {
  private final Cooldown cooldown = new Cooldown(128);
  private final Attempts attempts = new Attempts();

  @BeforeEach
  void fiveSeconds() {
    attempts.cooldownMs = 5_000;
  }

  @Test
  void holdsTheNextShakeOfTheSameUserAndItemAndNobodyElse() {
    assertThat(cooldown.waitMs(attempts.make())).isEqualTo(GO_ON);
    cooldown.passed(attempts.make());

    assertThat(cooldown.waitMs(attempts.at(NOW + 200).make())).isEqualTo(4_800);
    assertThat(cooldown.waitMs(attempts.item(ITEM + 1).make())).isEqualTo(GO_ON);
    assertThat(cooldown.waitMs(attempts.item(ITEM).by("bob").make())).isEqualTo(GO_ON);
    assertThat(cooldown.waitMs(attempts.by("ann").at(NOW + 5_000).make())).isEqualTo(GO_ON);
  }

  @Test
  void isOverWhenTheShakeWasNotPassedOnAfterAll() {
    cooldown.passed(attempts.make());
    cooldown.forget(Bytes.of("ann"), ITEM);

    assertThat(cooldown.waitMs(attempts.make())).isEqualTo(GO_ON);
  }

  @Test
  void followsAnOperatorWhoShortensOrEndsIt() {
    cooldown.passed(attempts.make());

    attempts.cooldownMs = 1_000;
    assertThat(cooldown.waitMs(attempts.at(NOW + 200).make())).isEqualTo(1_000);
    attempts.cooldownMs = 0;
    assertThat(cooldown.waitMs(attempts.make())).isEqualTo(GO_ON);
  }

  @Test
  void isRememberedOfABoundedNumber() {
    for (int i = 0; i < 10_000; i++) {
      cooldown.passed(attempts.by("u" + i).at(NOW + i).make());
    }

    assertThat(cooldown.size()).isLessThanOrEqualTo(128);
    assertThat(cooldown.waitMs(attempts.by("u9999").at(NOW + 10_000).make())).isEqualTo(4_999);
  }
}
