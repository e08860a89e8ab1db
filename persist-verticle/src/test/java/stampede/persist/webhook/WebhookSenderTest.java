package stampede.persist.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.persist.webhook.WebhookKind.ACCEPTED;
import static stampede.persist.webhook.WebhookKind.EXTRA_PAYMENT;
import static stampede.persist.webhook.WebhookKind.PAID;
import static stampede.persist.webhook.WebhookKind.SOLD_OUT;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import stampede.persist.webhook.Receiver.Answer;
import stampede.persist.webhook.WebhookWorld.Reaction;

class WebhookSenderTest {
  private final WebhookWorld world = new WebhookWorld(7);

  @Test
  void everyMessageIsToldOnceAndGoneThen() {
    for (int position = 1; position <= 3_000; position++) {
      world.add(ACCEPTED, position, position);
    }
    WebhookSender sender = world.sender(WebhookWorld.config(16, 5));

    world.run(sender, 5_000);

    assertThat(world.had).hasSize(3_000).doesNotHaveDuplicates();
    assertThat(world.rows).isEmpty();
    assertThat(world.underWayMax).isEqualTo(16);
    assertThat(sender.delivered()).isEqualTo(3_000);
    assertThat(sender.waiting()).isZero();
  }

  @Test
  void laterMessageOfAnOrderWaitsForTheEarlierOneAndOthersGoOn() {
    world.add(ACCEPTED, 1, 100);
    world.add(PAID, 2, 100);
    world.add(ACCEPTED, 3, 200);
    world.shop = row -> row.line() == 2 ? Reaction.REFUSES : Reaction.TAKES;
    WebhookSender sender = world.sender(WebhookWorld.config(4, 50));

    world.run(sender, 2_000);
    assertThat(ids()).containsExactly("0-3");
    world.shop = row -> Reaction.TAKES;
    world.run(sender, 10_000);

    assertThat(ids()).containsExactly("0-3", "0-1", "0-2");
    assertThat(world.rows).isEmpty();
  }

  @Test
  void anItemAndAnOrderOfTheSameNumberAreTwoThings() {
    world.add(ACCEPTED, 1, 1001);
    world.add(SOLD_OUT, 1, 1001);
    world.shop = row -> row.kind() == ACCEPTED ? Reaction.REFUSES : Reaction.TAKES;
    WebhookSender sender = world.sender(WebhookWorld.config(4, 50));

    world.run(sender, 1_000);

    assertThat(ids()).containsExactly("0-1-sold_out");
  }

  @Test
  void whatFailsTooOftenIsParkedWithWhatFollowsUntilAnOperatorRetries() {
    world.add(ACCEPTED, 1, 100);
    world.add(PAID, 2, 100);
    world.add(ACCEPTED, 3, 200);
    world.shop = row -> row.subject() == 100 ? Reaction.REFUSES : Reaction.TAKES;
    WebhookSender sender = world.sender(WebhookWorld.config(4, 3));
    world.run(sender, 20_000);
    world.add(EXTRA_PAYMENT, 4, 100);
    world.run(sender, 5_000);

    assertThat(world.alarms).containsExactly("0-1: status 500");
    assertThat(world.parkedLines()).containsExactly(2L, 4L, 8L);
    assertThat(sender.parked()).isEqualTo(3);
    int asked = world.asked;
    world.run(sender, 3_600_000);
    assertThat(world.asked).isEqualTo(asked);

    world.shop = row -> Reaction.TAKES;
    world.unpark();
    sender.retry();
    world.run(sender, 2_000);

    assertThat(ids()).containsExactly("0-3", "0-1", "0-2", "0-4");
    assertThat(world.rows).isEmpty();
  }

  @Test
  void parkedRowsAreKnownAfterARestart() {
    world.add(ACCEPTED, 1, 100);
    world.shop = row -> Reaction.REFUSES;
    world.run(world.sender(WebhookWorld.config(4, 1)), 1_000);
    assertThat(world.parkedLines()).containsExactly(2L);
    world.add(PAID, 2, 100);
    world.shop = row -> Reaction.TAKES;

    world.run(world.sender(WebhookWorld.config(4, 1)), 1_000);

    assertThat(world.had).isEmpty();
    assertThat(world.parkedLines()).containsExactly(2L, 4L);
  }

  @Test
  void aPartitionWithTooMuchParkedStopsAndSaysSoUntilAnOperatorRetries() {
    for (int position = 1; position <= WebhookQueue.PARKED_MAX; position++) {
      world.add(ACCEPTED, position, position);
    }
    world.park();
    int last = WebhookQueue.PARKED_MAX + 1;
    WebhookSender sender = world.sender(WebhookWorld.config(4, 3));
    world.run(sender, 2_000);
    assertThat(world.stopped).as("told at once").isEqualTo(1);

    world.add(ACCEPTED, last, last);
    world.run(sender, WebhookSender.DOWN_MS);

    assertThat(world.had).as("it is behind what is parked").isEmpty();
    assertThat(world.stopped).as("and again while it lasts").isEqualTo(2);
    world.unpark();
    sender.retry();
    world.run(sender, 120_000);
    assertThat(world.had).hasSize(last);
    assertThat(world.stopped).isEqualTo(2);
  }

  @Test
  void aPartitionWithLessParkedGoesOn() {
    for (int position = 1; position < WebhookQueue.PARKED_MAX; position++) {
      world.add(ACCEPTED, position, position);
    }
    world.park();
    world.add(ACCEPTED, WebhookQueue.PARKED_MAX, WebhookQueue.PARKED_MAX);
    WebhookSender sender = world.sender(WebhookWorld.config(4, 3));

    world.run(sender, 2_000);

    assertThat(world.had).hasSize(1);
    assertThat(world.stopped).isZero();
  }

  @Test
  void messageThatIsTriedForTooLongIsParked() {
    world.add(ACCEPTED, 1, 100);
    world.shop = row -> Reaction.REFUSES;
    WebhookSender sender = world.sender(WebhookWorld.config(4, 10_000));

    world.run(sender, 47 * 3_600_000L);
    assertThat(world.alarms).isEmpty();
    world.run(sender, 2 * 3_600_000L);

    assertThat(world.alarms).hasSize(1);
    assertThat(world.parkedLines()).containsExactly(2L);
  }

  @Test
  void deadEndpointIsAskedNowAndThenAndMessagesKeepTheirAttempts() {
    for (int position = 1; position <= 2_000; position++) {
      world.add(ACCEPTED, position, position);
    }
    world.shop = row -> Reaction.REFUSES;
    WebhookSender sender = world.sender(WebhookWorld.config(16, 5));

    world.run(sender, 3_600_000);

    assertThat(world.asked).isBetween(100, 400);
    assertThat(world.alarms).isEmpty();
    assertThat(world.down).isPositive();
    assertThat(sender.waiting()).isLessThanOrEqualTo(WebhookQueue.ROWS_MAX);
    world.shop = row -> Reaction.TAKES;
    world.run(sender, 35_000);
    assertThat(world.had).hasSize(2_000);
    assertThat(world.rows).isEmpty();
  }

  @Test
  void fewMessagesOfADeadEndpointAreNotParkedAndFollowItsReturnSoon() {
    world.add(ACCEPTED, 1, 100);
    world.add(PAID, 2, 100);
    world.add(ACCEPTED, 3, 200);
    world.shop = row -> Reaction.REFUSES;
    WebhookSender sender = world.sender(WebhookWorld.config(16, 10));

    world.run(sender, 24 * 3_600_000L);
    assertThat(world.alarms).isEmpty();
    world.shop = row -> Reaction.TAKES;
    world.run(sender, 31_500);

    assertThat(world.rows).isEmpty();
  }

  @Test
  void slowEndpointHoldsNoMoreRequestsThanAllowed() {
    for (int position = 1; position <= 100; position++) {
      world.add(ACCEPTED, position, position);
    }
    world.shop = row -> new Reaction(true, Answer.TAKEN, 4_000);
    WebhookSender sender = world.sender(WebhookWorld.config(3, 5));

    world.run(sender, 200_000);

    assertThat(world.underWayMax).isEqualTo(3);
    assertThat(world.rows).isEmpty();
  }

  @Test
  void retryAfterIsWaitedFor() {
    world.add(ACCEPTED, 1, 1);
    world.shop = row -> new Reaction(false, new Answer(false, "status 429", 30_000), 1);
    WebhookSender sender = world.sender(WebhookWorld.config(4, 5));
    world.run(sender, 29_000);
    assertThat(world.asked).isEqualTo(1);

    world.run(sender, 3_000);

    assertThat(world.asked).isEqualTo(2);
  }

  @Test
  void whileTheStoreIsAwayNothingIsToldThatCouldNotBeDeleted() {
    for (int position = 1; position <= 3_000; position++) {
      world.add(ACCEPTED, position, position);
    }
    WebhookSender sender = world.sender(WebhookWorld.config(16, 5));
    world.run(sender, 20);
    world.storeAway = true;
    world.run(sender, 60_000);
    int toldMeanwhile = world.had.size();
    assertThat(toldMeanwhile)
        .isLessThanOrEqualTo(WebhookQueue.ROWS_MAX + WebhookSender.WRITE_ROWS_MAX);

    world.storeAway = false;
    world.run(sender, 10_000);

    assertThat(world.had).hasSize(3_000).doesNotHaveDuplicates();
    assertThat(world.rows).isEmpty();
  }

  @Test
  void partitionThatAnotherNodeDrainsIsLeftToIt() {
    world.add(ACCEPTED, 1, 1);
    world.shop = row -> Reaction.REFUSES;
    WebhookSender sender = world.sender(WebhookWorld.config(4, 50));
    world.run(sender, 500);
    sender.heard(0, "other", true, 1);
    int asked = world.asked;
    world.run(60_000);
    assertThat(world.asked).isEqualTo(asked);

    sender.heard(0, "me", false, 1); // waits for its stores: says nothing of whose it is
    world.run(2_000);
    assertThat(world.asked).isEqualTo(asked);
    sender.heard(0, "me", true, 1);
    world.run(2_000);

    assertThat(world.asked).isGreaterThan(asked);
  }

  @Test
  void stopLeavesNothingUnwrittenThatTheShopHas() {
    for (int position = 1; position <= 50; position++) {
      world.add(ACCEPTED, position, position);
    }
    world.shop = row -> new Reaction(true, Answer.TAKEN, 300);
    WebhookSender sender = world.sender(WebhookWorld.config(8, 5));
    world.run(sender, 400);
    boolean[] stopped = {false};

    sender.stop(() -> stopped[0] = true);
    assertThat(stopped[0]).isFalse();
    world.run(2_000);

    assertThat(stopped[0]).isTrue();
    assertThat(world.had).hasSize(16);
    assertThat(world.rows).hasSize(34);
  }

  @Test
  void messageWithoutItsOrderIsParkedAndNotSent() {
    world.rows.put(2L, new WebhookRow(0, 2, ACCEPTED, 1, WebhookWorld.EPOCH_MS, 0, 0, false, ""));
    WebhookSender sender = world.sender(WebhookWorld.config(4, 5));

    world.run(sender, 1_000);

    assertThat(world.asked).isZero();
    assertThat(world.parkedLines()).containsExactly(2L);
  }

  /** Whatever the shop and the store do: nothing is lost, and no order hears things out of turn. */
  @Test
  void flappingShopHearsEverythingInTheOrderOfEachOrder() {
    for (long seed = 1; seed <= 40; seed++) {
      WebhookWorld flapping = new WebhookWorld(seed);
      int orders = 200;
      for (int i = 0; i < 3 * orders; i++) {
        WebhookKind kind = i < orders ? ACCEPTED : i < 2 * orders ? PAID : EXTRA_PAYMENT;
        flapping.add(kind, i + 1, 1_000 + i % orders);
      }
      Set<Long> all = new HashSet<>(flapping.rows.keySet());
      flapping.shop =
          row ->
              switch (flapping.random.nextInt(6)) {
                case 0 -> Reaction.REFUSES;
                case 1 -> Reaction.TAKES_IN_SILENCE;
                default -> new Reaction(true, Answer.TAKEN, flapping.random.nextInt(200));
              };
      WebhookSender sender = flapping.sender(WebhookWorld.config(8, 1_000));
      for (int i = 0; i < 60; i++) {
        flapping.storeAway = flapping.random.nextInt(4) == 0;
        flapping.run(sender, 1_000 + flapping.random.nextInt(2_000));
      }
      flapping.storeAway = false;
      flapping.run(sender, 3_600_000);

      assertThat(flapping.rows).as("seed %d", seed).isEmpty();
      Map<Long, Long> last = new HashMap<>();
      Set<Long> heard = new HashSet<>();
      for (WebhookRow row : flapping.had) {
        if (heard.add(row.line())) {
          Long before = last.put(row.subject(), row.line());
          assertThat(before == null || before < row.line()).as("seed %d: %s", seed, row).isTrue();
        }
      }
      assertThat(heard).as("seed %d", seed).isEqualTo(all);
    }
  }

  private List<String> ids() {
    return world.had.stream().map(WebhookRow::id).toList();
  }
}
