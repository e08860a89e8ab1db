package stampede.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlarmsTest {
  private long nowNanos;
  private final List<String> lines = new ArrayList<>();
  private final Alarms alarms = new Alarms(() -> nowNanos, (text, cause) -> lines.add(text));

  @Test
  void saysTheSameOnceInTenSecondsAndThenHowOftenItWas() {
    alarms.raise("journal.gap", 3, "first");
    nowNanos += 9_999_000_000L;
    alarms.raise("journal.gap", 3, "second");
    alarms.raise("journal.gap", 3, "third");
    nowNanos += 1_000_000;
    alarms.raise("journal.gap", 3, "fourth");
    nowNanos += 10_000_000_000L;
    alarms.raise("journal.gap", 3, "fifth");

    assertThat(lines)
        .containsExactly(
            "journal.gap first",
            "journal.gap fourth (2 more since the last such line)",
            "journal.gap fifth");
  }

  @Test
  void anotherPartitionAndAnotherCodeAreNotKeptBack() {
    alarms.raise("journal.gap", 3, "a");
    alarms.raise("journal.gap", 4, "b");
    alarms.raise("journal.damaged", 3, "c");
    alarms.raise("node.stop-slow", "d");

    assertThat(lines)
        .containsExactly("journal.gap a", "journal.gap b", "journal.damaged c", "node.stop-slow d");
  }

  @Test
  void listenersHearWhatIsLoggedAndHowManyWereNot() {
    List<Alarms.Line> heard = new ArrayList<>();
    alarms.onLine(heard::add);

    alarms.raise("journal.gap", 3, "first");
    alarms.raise("journal.gap", 3, "second");
    nowNanos += 10_000_000_000L;
    alarms.raise("journal.gap", 3, "third");

    assertThat(heard)
        .containsExactly(
            new Alarms.Line("journal.gap", 3, "first", 0),
            new Alarms.Line("journal.gap", 3, "third", 1));
  }

  @Test
  void countsEveryOneByCode() {
    alarms.raise("journal.gap", 3, "a");
    alarms.raise("journal.gap", 3, "b");
    alarms.raise("journal.gap", 4, "c");
    alarms.raise("node.stop-failed", "d", new IllegalStateException("e"));

    assertThat(alarms.counts())
        .containsOnly(
            java.util.Map.entry("journal.gap", 3L), java.util.Map.entry("node.stop-failed", 1L));
  }
}
