package stampede.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.protocol.Bytes;
import stampede.protocol.SaleEvent;
import stampede.protocol.Steering;
import stampede.rig.check.CheckRun;
import stampede.rig.check.Checker;
import stampede.rig.check.Chronicle;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Dump;
import stampede.rig.check.History;
import stampede.rig.check.Mark;
import stampede.rig.check.Run;

/** What is written comes back as it was; what cannot be read is named. */
class SavedRunTest {
  @TempDir Path directory;

  @Test
  void aDumpComesBackAsItWas() throws IOException {
    Dump dump = new Tale().run().stores();

    dump.write(directory);
    Dump read = Dump.read(directory);

    assertThat(read).usingRecursiveComparison().isEqualTo(dump);
  }

  @Test
  void bytesThatAreNoTextBecomeDigitsAndIdsMayExceedALong() throws IOException {
    assertThat(Dump.text(new byte[] {(byte) 0xff, 1})).isEqualTo("0xff01");
    assertThat(Dump.text("秒\n\"杀\\".getBytes(StandardCharsets.UTF_8))).isEqualTo("秒\n\"杀\\");
    Tale tale = new Tale();
    tale.stock.add(new Dump.Stock(-2, 1, 0, 0, 1, 3));

    tale.run().stores().write(directory);

    assertThat(Files.readString(directory.resolve("dump.jsonl"))).contains("18446744073709551614");
    assertThat(Dump.read(directory).stock()).contains(new Dump.Stock(-2, 1, 0, 0, 1, 3));
  }

  @Test
  void aHistoryComesBackAsItWas() throws IOException {
    try (History history = History.open(directory, "one")) {
      history.connected("c-1", "安\t\"娜\\");
      history.shakes("c-1", "安\t\"娜\\", 1001, "k-1", 2);
      history.asks("c-1", "u", 1001, "k-1");
      history.pays("w-1", 17592186044420L, "p-1");
      history.cancels("c-1", "u", 17592186044420L);
      history.answered(
          "c-1",
          "u",
          Map.of(
              "type",
              "outcome",
              "key",
              "k-1",
              "item",
              "1001",
              "outcome",
              "accepted",
              "order",
              "17592186044420",
              "status",
              "held",
              "payBy",
              5L,
              "position",
              4,
              "at",
              3L));
      history.closed("c-1", "u");
      history.mark(Mark.Kind.FAULT, "kill redis");
      history.sighted("sale-1", 3, 2, 90, "00ff");
    }

    Chronicle read = History.read(directory);

    assertThat(read.events())
        .extracting(e -> e.kind() + " " + e.what())
        .containsExactly(
            "CONNECTED ",
            "SENT shake",
            "SENT result",
            "SENT pay",
            "SENT cancel",
            "ANSWER outcome",
            "CLOSED ");
    assertThat(read.events().get(1).user()).isEqualTo("安\t\"娜\\");
    assertThat(read.events().get(1).quantity()).isEqualTo(2);
    ClientEvent answer = read.events().get(5);
    assertThat(answer.order()).isEqualTo(17592186044420L);
    assertThat(answer.position()).isEqualTo(4);
    assertThat(answer.decidedAt()).isEqualTo(3);
    assertThat(answer.isByOwner()).isTrue();
    assertThat(read.marks()).extracting(Mark::subject).containsExactly("one", "kill redis");
    assertThat(read.sightings()).hasSize(1);
    assertThat(read.wallMs(answer.at()))
        .isCloseTo(System.currentTimeMillis(), org.assertj.core.api.Assertions.within(60_000L));
  }

  @Test
  void manyThreadsMayWriteAndNoLineIsTorn() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (History history = History.open(directory, "many")) {
      for (int thread = 0; thread < 4; thread++) {
        String client = "c-" + thread;
        threads.execute(
            () -> {
              for (int i = 0; i < 500; i++) {
                history.shakes(client, "u", 1001, "k-" + i, 1);
              }
            });
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    List<ClientEvent> events = History.read(directory).events();

    assertThat(events).hasSize(2_000);
    assertThat(events).isSortedAccordingTo(java.util.Comparator.comparingLong(ClientEvent::at));
  }

  @Test
  void aLastLineThatIsCutShortIsPassedOverAnyOtherIsNamed() throws IOException {
    Path file = directory.resolve("history-cut.jsonl");
    String good = "{\"at\":1,\"event\":\"closed\",\"client\":\"c\"}\n";
    Files.writeString(file, good + "{\"at\":2,\"event\":\"clo");
    assertThat(History.read(directory).events()).hasSize(1);

    Files.writeString(file, "\n" + good, StandardOpenOption.APPEND);

    assertThatThrownBy(() -> History.read(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("history-cut.jsonl, line 2: ");
  }

  @Test
  void aLineOfAnotherKindIsNamed() throws IOException {
    Path file = directory.resolve("history-odd.jsonl");
    Files.writeString(file, "{\"at\":1,\"event\":\"slept\",\"client\":\"c\"}\n");
    assertThatThrownBy(() -> History.read(directory)).hasMessageContaining("SLEPT does not exist");

    Files.writeString(file, "{\"at\":\"now\",\"event\":\"closed\",\"client\":\"c\"}\n");
    assertThatThrownBy(() -> History.read(directory)).hasMessageContaining("at must be a whole");
  }

  @Test
  void aDumpThatIsNotWholeIsRefused() throws IOException {
    new Tale().run().stores().write(directory);
    Path file = directory.resolve("dump.jsonl");
    List<String> lines = Files.readAllLines(file);

    Files.write(file, lines.subList(0, lines.size() - 1));

    assertThatThrownBy(() -> Dump.read(directory)).hasMessageContaining("not whole");
  }

  @Test
  void aSavedRunIsCheckedAgain() throws IOException {
    assertThat(CheckRun.run(directory.resolve("nowhere").toString())).isEqualTo(2);
    assertThat(CheckRun.run()).isEqualTo(2);

    Tale tale = new Tale();
    tale.run().stores().write(directory);
    // Nobody saw anything: the orders come from nowhere.
    History.open(directory, "nobody").close();
    assertThat(CheckRun.run(directory.toString())).isEqualTo(1);

    new Dump(2, 1, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of())
        .write(directory);
    assertThat(CheckRun.run(directory.toString())).isEqualTo(0);
  }

  @Test
  void everyKindOfEventIsDecoded() {
    Tale tale = new Tale();
    tale.append(
        true,
        BadRunsTest.steered(Steering.UNBLOCK_USER, 0, 0, "用户", 12_950),
        BadRunsTest.steered(Steering.RESUME_SESSION, 7, 0, "", 12_951),
        BadRunsTest.steered(Steering.ADD_STOCK, Tale.ITEM, 5, "", 12_952),
        BadRunsTest.steered(Steering.PAUSE_ITEM, Tale.ITEM, 0, "", 12_953),
        BadRunsTest.steered(Steering.RESUME_ITEM, Tale.ITEM, 0, "", 12_954),
        BadRunsTest.steered(Steering.CLOSE_ITEM, Tale.ITEM, 0, "", 12_955),
        BadRunsTest.steered(Steering.BLOCK_USER, 0, 0, "用户", 12_956),
        new SaleEvent.SessionArchived(7, List.of(Tale.ITEM), Tale.T + 12_957),
        new SaleEvent.Restated(
            List.of(Bytes.of("用户")), List.of(new SaleEvent.Limit(1, 2)), Tale.T + 12_958),
        new SaleEvent.LogCut(5, 2, Tale.T + 12_959));
    tale.stock.set(0, new Dump.Stock(Tale.ITEM, 7, 0, 2, 9, 18));
    List<Class<?>> written = new ArrayList<>();
    tale.groups.forEach(group -> group.events.forEach(event -> written.add(event.getClass())));
    written.add(SaleEvent.ItemEnded.class); // in the bad runs, where nothing else is found
    written.add(SaleEvent.Claimed.class); // in the good runs

    Run run = tale.run();

    assertThat(Checker.check(run).toText()).contains("\nclean\n");
    assertThat(written).contains(SaleEvent.class.getPermittedSubclasses());
  }

  private static Tale archived() {
    Tale tale = new Tale();
    tale.append(
        true,
        BadRunsTest.steered(Steering.CLOSE_ITEM, Tale.ITEM, 0, "", 12_955),
        new SaleEvent.SessionArchived(7, List.of(Tale.ITEM), Tale.T + 12_957),
        new SaleEvent.LogCut(10, 2, Tale.T + 12_959));
    return tale;
  }

  @Test
  void aLogThatWasCutAtAnArchiveIsClean() {
    for (long upTo : new long[] {1, 5, 10}) {
      Tale tale = archived();
      tale.groups.removeIf(
          group -> group.partition == Tale.P && group.first + group.events.size() - 1 <= upTo);

      assertThat(Checker.check(tale.run()).toText()).contains("\nclean\n");
    }
  }

  @Test
  void anyNodeThatStoodStillMayHaveOwnedWhatWasCutAway() {
    for (String node : List.of("sale-1", "edge-1")) {
      Tale tale = archived();
      tale.groups.removeIf(group -> group.partition == Tale.P && group.first == 1);
      tale.mark(2_450, Mark.Kind.FAULT, "suspend " + node);
      tale.mark(2_900, Mark.Kind.HEALED, "suspend " + node);
      tale.mark(2_950, Mark.Kind.OWNED, "");
      tale.ask(3_950, "a", "a-1");
      tale.told(3_960, "a", "a-1", "unknown", 3);

      assertThat(Checker.check(tale.run()).isClean()).isEqualTo(node.equals("sale-1"));
    }
  }

  @Test
  void aLogThatBeginsLaterThanItsCutSaysIsNot() {
    Tale further = archived();
    further.groups.removeIf(group -> group.partition == Tale.P && group.first < 13);
    assertThat(Checker.check(further.run()).violated()).containsKey("S7");

    Tale without = new Tale();
    without.groups.removeIf(group -> group.partition == Tale.P && group.first < 4);
    assertThat(Checker.check(without.run()).violated()).containsKey("S7");
  }

  @Test
  void aCutThatTakesWhatIsNotOverIsFound() {
    Tale tale = new Tale();
    tale.append(true, new SaleEvent.LogCut(10, 2, Tale.T + 12_959));
    assertThat(Checker.check(tale.run()).violated()).containsKey("S1");

    Tale held = new Tale();
    held.append(true, new SaleEvent.SessionArchived(7, List.of(Tale.ITEM), Tale.T + 12_957));
    assertThat(Checker.check(held.run()).violated()).containsKey("S1");
  }

  @Test
  void everyBitOfAnEntryCounts() {
    int bits = 8 * new Tale().run().stores().log().get(11).fields().get(3).value().length;
    for (int bit = 0; bit < bits; bit++) {
      Tale tale = new Tale();
      int flipped = bit;
      tale.group(15).damage = e -> flip(e, flipped);

      assertThat(Checker.check(tale.run()).violated()).containsKey("S7");
    }
  }

  private static Dump.Entry flip(Dump.Entry entry, int bit) {
    List<Dump.Field> fields = new ArrayList<>(entry.fields());
    byte[] payload = fields.get(3).value().clone();
    payload[bit / 8] ^= (byte) (1 << bit % 8);
    fields.set(3, new Dump.Field("p", payload));
    return new Dump.Entry(entry.partition(), entry.id(), fields);
  }
}
