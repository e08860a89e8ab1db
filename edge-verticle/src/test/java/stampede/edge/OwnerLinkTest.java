package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.BatchReply.Answered;
import stampede.protocol.BatchReply.NotOwner;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Shake;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.Outcome;
import stampede.protocol.Passage;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;

class OwnerLinkTest {
  private static final long EDGE = 7;
  private static final int QUEUE_MAX = 2_000;
  private static final int BYTES_MAX = 40_000;

  private final VirtualTimers timers = new VirtualTimers();
  private final FakeBus bus = new FakeBus(timers);
  private final OwnerRoutes routes = new OwnerRoutes(timers, bus, 2);
  private final OwnerLink link = new OwnerLink(EDGE, timers, bus, routes, QUEUE_MAX, 2, BYTES_MAX);
  private final List<Reply> replies = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();

  @BeforeEach
  void start() {
    routes.start();
  }

  @Test
  void sendsAtOnceAndThenWhatWaitsWhenASlotFrees() {
    owner(0, 1, "a");
    IntStream.range(0, 700).forEach(i -> ask(0, i));

    assertThat(bus.batches).hasSize(2);
    answer(bus.batches.get(0));

    assertThat(sizes()).containsExactly(1, 1, 512);
    assertThat(keys(bus.batches.get(2)).get(0)).isEqualTo("k2");
    assertThat(keys(bus.batches.get(2)).get(511)).isEqualTo("k513");
  }

  @Test
  void whatOneTurnOfTheEventLoopBringsLeavesTogether() {
    List<Runnable> turnEnd = new ArrayList<>();
    OwnerLink turning =
        new OwnerLink(EDGE, timers, bus, routes, QUEUE_MAX, 2, BYTES_MAX, turnEnd::add);
    owner(0, 1, "a");
    IntStream.range(0, 300).forEach(i -> turning.ask(0, shake(i), this::hear));

    assertThat(bus.batches).isEmpty();
    assertThat(turnEnd).hasSize(1);
    turnEnd.remove(0).run();

    assertThat(sizes()).containsExactly(300);
    turning.ask(0, shake(300), this::hear);
    assertThat(turnEnd).hasSize(1);
  }

  @Test
  void whileAllBatchesAreInFlightTheNextOneLeavesWhenOneLands() {
    List<Runnable> turnEnd = new ArrayList<>();
    OwnerLink turning =
        new OwnerLink(EDGE, timers, bus, routes, QUEUE_MAX, 2, BYTES_MAX, turnEnd::add);
    owner(0, 1, "a");
    for (int i = 0; i < 2; i++) {
      turning.ask(0, shake(i), this::hear);
      turnEnd.remove(0).run();
    }
    IntStream.range(2, 10).forEach(i -> turning.ask(0, shake(i), this::hear));

    assertThat(turnEnd).isEmpty();
    answer(bus.batches.get(0));

    assertThat(sizes()).containsExactly(1, 1, 8);
  }

  @Test
  void everyCommandIsAnsweredOnceAndFirstSentInOrderOfArrival() {
    owner(0, 1, "a");
    IntStream.range(0, 1_500).forEach(i -> ask(0, i));

    while (!bus.open().isEmpty()) {
      answer(bus.open().get(0));
    }

    List<String> sent = bus.batches.stream().flatMap(s -> keys(s).stream()).toList();
    assertThat(sent).isEqualTo(IntStream.range(0, 1_500).mapToObj(i -> "k" + i).toList());
    assertThat(replies).hasSize(1_500);
    assertThat(failures).isEmpty();
    assertThat(link.waiting()).isZero();
  }

  @Test
  void neverMoreThanTwoBatchesInFlightOfAPartition() {
    owner(0, 1, "a");
    IntStream.range(0, 1_000).forEach(i -> ask(0, i));

    assertThat(bus.open()).hasSize(2);
    answer(bus.open().get(1));
    assertThat(bus.open()).hasSize(2);
  }

  @Test
  void bytesInFlightToAnOwnerStayBelowTheirBoundAndNoPartitionIsForgotten() {
    owner(0, 1, "a");
    owner(1, 1, "a");
    String longKey = "k".repeat(60);
    IntStream.range(0, 900).forEach(i -> askKey(i % 2, longKey + i));

    while (!bus.open().isEmpty()) {
      int bytes = bus.open().stream().mapToInt(sent -> sent.message.length).sum();
      assertThat(bytes).isLessThanOrEqualTo(BYTES_MAX);
      answer(bus.open().get(0));
    }

    assertThat(replies).hasSize(900);
  }

  @Test
  void aCommandWithoutAnAnswerIsSentAgainUnchangedAndBeforeNewerOnes() {
    owner(0, 1, "a");
    ask(0, 1);
    CommandBatch first = bus.last().batch();

    timers.advance(PartitionQueue.REQUEST_TIMEOUT_MS);
    ask(0, 2);
    timers.advance(50);

    assertThat(bus.batches.get(1).batch().commands()).isEqualTo(first.commands());
    assertThat(keys(bus.batches.get(2))).containsExactly("k2");
    bus.batches.forEach(this::answer);
    assertThat(replies).hasSize(2);
  }

  @Test
  void whatIsSentAgainWithdrawsTheMessageItReplaces() {
    owner(0, 1, "a");
    ask(0, 1);
    timers.advance(400);
    ask(0, 2);
    ask(0, 3);

    timers.advance(PartitionQueue.REQUEST_TIMEOUT_MS - 400 + 50);

    assertThat(passages()).startsWith(passage(1, 1), passage(2, 1), passage(3, 2));
    assertThat(keys(bus.batches.get(2))).containsExactly("k1");
  }

  @Test
  void everyMessageNamesTheOldestOneThatIsWaitedFor() {
    owner(0, 1, "a");
    ask(0, 1);
    ask(0, 2);
    ask(0, 3);
    answer(bus.batches.get(1));
    answer(bus.batches.get(0));
    answer(bus.batches.get(2));
    ask(0, 4);

    assertThat(passages())
        .containsExactly(passage(1, 1), passage(2, 1), passage(3, 1), passage(4, 4));
  }

  @Test
  void afterNotOwnerTheSameCommandsGoToTheOwnerItNames() {
    owner(0, 3, "a");
    ask(0, 1);

    bus.last().answer(new NotOwner(4, "n2", "sale.b"));
    timers.advance(50);

    assertThat(bus.last().address).isEqualTo("sale.b");
    assertThat(bus.last().batch().epoch()).isEqualTo(4);
    assertThat(keys(bus.last())).containsExactly("k1");
  }

  @Test
  void afterNotOwnerThatNamesANewerOwnerTheSameCommandsGoThereAtOnceAndBeforeNewerOnes() {
    owner(0, 3, "a");
    ask(0, 1);
    ask(0, 2);
    ask(0, 3);
    assertThat(bus.batches).hasSize(2);

    bus.batches.get(0).answer(new NotOwner(4, "n2", "sale.b"));

    assertThat(bus.batches).hasSize(3);
    assertThat(bus.last().address).isEqualTo("sale.b");
    assertThat(keys(bus.last())).containsExactly("k1");
  }

  @Test
  void ownerThatOpensEndsThePauseOfWhatWasRefusedWhileItPrepared() {
    owner(0, 3, "a");
    ask(0, 1);
    bus.last().answer(new NotOwner(4, "n-b", "sale.b"));
    bus.last().answer(new BatchReply.Busy(100));
    timers.advance(5);
    assertThat(bus.batches).hasSize(2);

    owner(0, 4, "b");

    assertThat(bus.batches).hasSize(3);
    assertThat(bus.last().address).isEqualTo("sale.b");
  }

  @Test
  void whatADeadOwnerLeftUnansweredGoesToTheNextOneInOrderAndWithoutWaitingForItsTimeOut() {
    owner(0, 3, "a");
    IntStream.range(1, 5).forEach(i -> ask(0, i));

    owner(0, 4, "b");
    assertThat(bus.batches).as("the last answers may be on their way").hasSize(2);
    timers.advance(100);

    assertThat(bus.open()).hasSize(4).extracting(sent -> sent.address).endsWith("sale.b", "sale.b");
    assertThat(keys(bus.batches.get(2))).containsExactly("k1");
    assertThat(keys(bus.batches.get(3))).containsExactly("k2");
    List.copyOf(bus.batches.subList(2, 4)).forEach(this::answer);
    assertThat(keys(bus.batches.get(4))).containsExactly("k3", "k4");
    answer(bus.batches.get(4));
    answer(bus.batches.get(0)); // late
    timers.advance(PartitionQueue.REQUEST_TIMEOUT_MS);
    assertThat(replies).hasSize(4);
    assertThat(bus.batches).hasSize(5);
  }

  @Test
  void anAnswerOfTheFormerOwnerThatIsOnItsWayWhenTheNextOneOpensStillCounts() {
    owner(0, 3, "a");
    ask(0, 1);
    owner(0, 4, "b");

    answer(bus.last());
    timers.advance(PartitionQueue.REQUEST_TIMEOUT_MS);

    assertThat(replies).hasSize(1);
    assertThat(bus.batches).hasSize(1);
  }

  @Test
  void everyOwnersAddressIsPingedOnceASecondHoweverManyPartitionsItHas() {
    owner(0, 1, "a");
    owner(1, 1, "a");
    timers.advance(3_000);
    assertThat(bus.pings).hasSize(3);
    assertThat(bus.pings).allMatch(ping -> ping.address.equals("sale.a"));

    owner(1, 2, "b");
    timers.advance(1_000);

    assertThat(bus.pings.subList(3, 5)).extracting(ping -> ping.address).contains("sale.b");
    assertThat(bus.batches).isEmpty();
  }

  @Test
  void secondPingWithoutAnAnswerAsksWhoTheOwnersAre() {
    owner(0, 1, "a");
    owner(1, 1, "b");
    for (int i = 0; i < 4; i++) {
      timers.advance(1_000);
      bus.pings.forEach(ping -> ping.answer(new byte[0]));
      owner(0, 1, "a");
      owner(1, 1, "b");
    }
    int asked = bus.questions.size();

    for (int i = 0; i < 3; i++) {
      timers.advance(1_000);
      owner(0, 1, "a");
      owner(1, 1, "b");
    }
    assertThat(bus.questions.size()).as("one missed may be a lost message").isEqualTo(asked);
    timers.advance(1_000);

    assertThat(bus.questions.size()).isGreaterThan(asked);
  }

  @Test
  void afterNotOwnerWithoutANameItWaitsForNewsAndAsks() {
    owner(0, 3, "a");
    owner(1, 1, "a");
    timers.advance(1_000);
    int asked = bus.questions.size();
    ask(0, 1);

    bus.last().answer(new NotOwner(3, "", ""));
    timers.advance(OwnerRoutes.ASK_EVERY_MS + 400);

    assertThat(bus.batches).hasSize(1);
    assertThat(bus.questions.size()).isGreaterThan(asked);
    owner(0, 4, "b");
    assertThat(bus.last().address).isEqualTo("sale.b");
  }

  @Test
  void aRefusalOfAnEarlierEpochDoesNotSilenceTheSameNodesNewOne() {
    owner(0, 3, "a");
    ask(0, 1);
    owner(0, 4, "a");

    bus.last().answer(new NotOwner(4, "n-a", "sale.a"));
    timers.advance(50);

    assertThat(bus.last().batch().epoch()).isEqualTo(4);
    assertThat(bus.batches).hasSize(2);
  }

  @Test
  void pendingAndBusyAreSentAgainWithAGrowingPause() {
    owner(0, 1, "a");
    ask(0, 1);
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      long before = timers.millis();
      int sent = bus.batches.size();
      bus.last().answer(i % 2 == 0 ? new BatchReply.Pending() : new BatchReply.Busy(10));
      while (bus.batches.size() == sent) {
        timers.advance(10);
      }
      pauses.add(timers.millis() - before);
    }

    assertThat(pauses).containsExactly(50L, 100L, 200L, 400L, 400L);
  }

  @Test
  void isUnresolvedTenSecondsAfterArrivalWhenItMayHaveBeenDecided() {
    owner(0, 1, "a");
    ask(0, 1);

    timers.advance(9_900);
    assertThat(failures).isEmpty();
    timers.advance(300);

    assertThat(failures).singleElement().isInstanceOf(Owners.Unresolved.class);
    int sent = bus.batches.size();
    timers.advance(20_000);
    assertThat(bus.batches).hasSize(sent);
    assertThat(failures).hasSize(1);
  }

  @Test
  void isBusyTenSecondsAfterArrivalWhenItNeverLeft() {
    ask(0, 1);

    timers.advance(10_200);

    assertThat(failures).singleElement().isInstanceOf(Owners.Busy.class);
    assertThat(((Owners.Busy) failures.get(0)).code()).isEqualTo("no_owner");
    assertThat(link.waiting()).isZero();
  }

  @Test
  void isBusyAtOnceWhenThereWasNoOwnerForLongAndWaitsAgainWhenThereIsOne() {
    ask(0, 1);
    timers.advance(PartitionQueue.LIFE_MS);
    failures.clear();

    ask(0, 2);
    ask(1, 3); // nobody has missed this one's owner yet

    assertThat(failures).singleElement().isInstanceOf(Owners.Busy.class);
    assertThat(((Owners.Busy) failures.get(0)).code()).isEqualTo("no_owner");
    assertThat(((Owners.Busy) failures.get(0)).retryAfterMs()).isPositive();
    owner(0, 1, "a");
    ask(0, 4);
    answer(bus.last());
    assertThat(replies).hasSize(1);
  }

  @Test
  void isBusyWhenEveryOwnerItReachedDidNothing() {
    owner(0, 1, "a");
    ask(0, 1);

    for (int i = 0; i < 1_020; i++) {
      bus.open().forEach(sent -> sent.answer(new BatchReply.Busy(10)));
      timers.advance(10);
    }

    assertThat(failures).singleElement().isInstanceOf(Owners.Busy.class);
  }

  @Test
  void whoIsToldThatNothingWasPassedOnDoesNotTravelWithTheRestOfItsBatch() {
    ask(0, 1);
    timers.advance(5_000);
    ask(0, 2);
    timers.advance(4_960);
    owner(0, 1, "a");
    assertThat(keys(bus.last())).containsExactly("k1", "k2");
    bus.last().answer(new BatchReply.Busy(10));

    timers.advance(100);

    assertThat(failures).singleElement().isInstanceOf(Owners.Busy.class);
    assertThat(keys(bus.last())).containsExactly("k2");
    answer(bus.last());
    assertThat(replies).hasSize(1);
  }

  @Test
  void aTimedOutSendStaysInDoubtAfterALaterRefusal() {
    owner(0, 1, "a");
    ask(0, 1);
    timers.advance(850);

    for (int i = 0; i < 1_020; i++) {
      bus.open().forEach(sent -> sent.answer(new BatchReply.Busy(10)));
      timers.advance(10);
    }

    assertThat(failures).singleElement().isInstanceOf(Owners.Unresolved.class);
  }

  @Test
  void aFullQueueRefusesAtOnceByName() {
    IntStream.range(0, QUEUE_MAX).forEach(i -> ask(0, i));
    assertThat(failures).isEmpty();

    ask(0, QUEUE_MAX);

    assertThat(((Owners.Busy) failures.get(0)).code()).isEqualTo("queue_full");
    assertThat(((Owners.Busy) failures.get(0)).retryAfterMs()).isPositive();
    ask(1, 0);
    assertThat(failures).hasSize(1);
  }

  @Test
  void aFrozenOwnersQueueOnTheBusStaysBelowTheBoundHoweverOftenThingsAreSentAgain() {
    int shakes = 0;
    for (int step = 0; step < 300; step++) { // 30 s in which nothing is answered
      owner(0, 1, "a"); // it still counts as the owner
      owner(1, 1, "a");
      for (int i = 0; i < 30; i++) {
        ask(shakes % 2, shakes);
        shakes++;
      }
      timers.advance(100);
    }

    List<FakeBus.Sent> probes = bus.batches.stream().filter(OwnerLinkTest::isProbe).toList();
    int bytes = bus.batches.stream().mapToInt(sent -> sent.message.length).sum();
    assertThat(bytes).isLessThanOrEqualTo(BYTES_MAX);
    assertThat(probes).hasSizeBetween(10, 30);
    assertThat(link.waiting()).isLessThanOrEqualTo(2 * QUEUE_MAX);
    assertThat(failures).isNotEmpty();
    assertThat(failures)
        .allMatch(failure -> failure instanceof Owners.Busy || isUnresolved(failure));
  }

  @Test
  void anOwnerThatThawsIsNoticedByItsAnswerToAProbeAndServesWhatWaits() {
    for (int step = 0; step < 80; step++) {
      owner(0, 1, "a");
      IntStream.range(0, 40).forEach(i -> ask(0, i));
      timers.advance(100);
    }
    int waiting = link.waiting();

    timers.advance(1_500); // until the next probe is on its way
    for (int i = 0; i < 100; i++) {
      bus.open().forEach(this::answer);
      timers.advance(10);
    }

    assertThat(waiting).isPositive();
    assertThat(link.waiting()).isZero();
    assertThat(bus.open()).isEmpty();
    assertThat(replies).hasSizeGreaterThanOrEqualTo(waiting / 2);
  }

  private static boolean isProbe(FakeBus.Sent sent) {
    return sent.batch().commands().isEmpty();
  }

  private static boolean isUnresolved(Throwable failure) {
    return failure instanceof Owners.Unresolved;
  }

  @Test
  void tellsHowManyAreAheadAndHowLongThatTakes() {
    owner(0, 1, "a");
    Owners.Waiting first = ask(0, 0);
    IntStream.range(1, 600).forEach(i -> ask(0, i));
    Owners.Waiting last = ask(0, 600);

    assertThat(first.ahead()).isZero();
    assertThat(last.ahead()).isEqualTo(600);
    answer(bus.open().get(0));
    assertThat(last.ahead()).isEqualTo(599);
    assertThat(last.etaMs()).isBetween(1L, 2_000L);
    answer(bus.open().get(0));
    assertThat(last.ahead()).isZero();
  }

  @Test
  void anIncompleteOrBrokenReplyCountsAsNone() {
    owner(0, 1, "a");
    ask(0, 1);

    bus.last().answer(new Answered(List.of()));
    timers.advance(50);
    bus.last().answer(new byte[] {99});
    timers.advance(100);
    answer(bus.last());

    assertThat(bus.batches).hasSize(3);
    assertThat(replies).hasSize(1);
  }

  @Test
  void anOwnerThatIsTwiceDeafIsAskedAbout() {
    owner(0, 1, "a");
    owner(1, 1, "a");
    timers.advance(600);
    ask(0, 1);
    for (int i = 0; i < 17; i++) { // keeps its hints fresh while it answers nothing
      owner(0, 1, "a");
      owner(1, 1, "a");
      timers.advance(100);
    }
    int asked = bus.questions.size();
    owner(0, 1, "a");
    owner(1, 1, "a");
    timers.advance(500);

    assertThat(bus.questions.size()).isGreaterThan(asked);
  }

  @Test
  void theHigherEpochThenPositionWinsAndAnEqualOneIsNewer() {
    hint(0, 2, 10, "a", true);
    hint(0, 1, 99, "b", true);
    assertThat(routes.route(0).address()).isEqualTo("sale.a");
    hint(0, 2, 9, "b", true);
    assertThat(routes.route(0).address()).isEqualTo("sale.a");
    hint(0, 2, 10, "a", false);
    assertThat(routes.route(0).serving()).isFalse();
    hint(0, 3, 0, "c", true);
    assertThat(routes.route(0).address()).isEqualTo("sale.c");
  }

  @Test
  void asksForOwnersAtStartAndUntilAllAreKnownAndThenNoMore() {
    assertThat(bus.questions).hasSize(1);
    bus.questions.get(0).answer(Hint.encodeAll(List.of(hintOf(0, 1, 1, "a", true))));
    timers.advance(500);
    assertThat(bus.questions).hasSize(2);
    bus.questions.get(1).answer(Hint.encodeAll(List.of(hintOf(1, 1, 1, "a", true))));
    timers.advance(1_500);

    assertThat(bus.questions).hasSize(2);
    timers.advance(4_000);
    assertThat(bus.questions.size()).as("silent for longer than a hint's age").isGreaterThan(2);
  }

  @Test
  void knowsTheOwnersTimeFromTheBestHintOfTheEpoch() {
    assertThat(routes.ownerNow(0)).isZero();
    owner(0, 1, "a");
    timers.advance(700);
    assertThat(routes.ownerNow(0)).isEqualTo(1_000_700);
    owner(0, 1, "a");
    assertThat(routes.ownerNow(0)).as("a late hint does not turn time back").isEqualTo(1_000_700);
    timers.advance(3_100);
    assertThat(routes.ownerNow(0)).as("an owner not heard of").isZero();
  }

  private void owner(int partition, long epoch, String name) {
    hint(partition, epoch, 1, name, true);
  }

  private void hint(int partition, long epoch, long position, String name, boolean serving) {
    bus.publish(Addresses.HINTS, hintOf(partition, epoch, position, name, serving).encode());
  }

  private static Hint hintOf(
      int partition, long epoch, long position, String name, boolean serving) {
    return new Hint(
        partition,
        epoch,
        "n-" + name,
        "sale." + name,
        position,
        1_000_000,
        serving,
        "ok",
        0,
        List.of());
  }

  private Owners.Waiting ask(int partition, int number) {
    return askKey(partition, "k" + number);
  }

  private Owners.Waiting askKey(int partition, String key) {
    return link.ask(
        partition,
        new Shake(1, Bytes.of("u1"), Bytes.of(key.substring(Math.max(0, key.length() - 64))), 1),
        this::hear);
  }

  private static Shake shake(int number) {
    return new Shake(1, Bytes.of("u1"), Bytes.of("k" + number), 1);
  }

  private void hear(@Nullable Reply reply, @Nullable Throwable failure) {
    if (failure == null) {
      replies.add(reply);
    } else {
      failures.add(failure);
    }
  }

  private void answer(FakeBus.Sent sent) {
    List<Reply> answers = new ArrayList<>();
    CommandBatch batch = sent.batch();
    batch.commands().forEach(command -> answers.add(Shaken.of(Outcome.SOLD_OUT, 5, 6)));
    sent.answer(new Answered(answers));
  }

  private List<Integer> sizes() {
    return bus.batches.stream().map(sent -> sent.batch().commands().size()).toList();
  }

  private List<Passage> passages() {
    return bus.batches.stream().map(sent -> sent.batch().passage()).toList();
  }

  private static Passage passage(long number, long floor) {
    return new Passage(EDGE, number, floor);
  }

  private static List<String> keys(FakeBus.Sent sent) {
    return sent.batch().commands().stream().map(OwnerLinkTest::key).toList();
  }

  private static String key(Command command) {
    return ((Shake) command).key().utf8();
  }
}
