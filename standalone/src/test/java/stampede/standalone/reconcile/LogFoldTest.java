package stampede.standalone.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.JournalEntry;

class LogFoldTest {
  private final LogFold fold = new LogFold(new Ledger(Story.PARTITION));

  private static JournalEntry entry(long epoch, int from, int to) {
    return JournalEntry.of(
        Story.PARTITION, epoch, from, from, Story.events().subList(from - 1, to));
  }

  @Test
  void followsALogAndKnowsItsLastEntry() {
    fold.add(entry(1, 1, 3));
    fold.add(entry(1, 4, 9));

    assertThat(fold.ledger().position()).isEqualTo(9);
    assertThat(fold.end()).isEqualTo(new Booked.Cursor(4, 9, 4));
  }

  @Test
  void aGapIsRefused() {
    fold.add(entry(1, 1, 3));

    assertThatThrownBy(() -> fold.add(entry(1, 5, 9)))
        .hasMessage("after position 3 comes position 5");
  }

  @Test
  void anEpochThatGoesBackIsRefused() {
    fold.add(entry(2, 1, 3));

    assertThatThrownBy(() -> fold.add(entry(1, 4, 9))).hasMessageContaining("after epoch 2 comes");
  }

  @Test
  void aFlippedBitIsRefused() {
    JournalEntry sound = entry(1, 1, 3);
    byte[] payload = sound.payload().clone();
    payload[payload.length / 2] ^= 1;
    JournalEntry damaged =
        new JournalEntry(sound.partition(), 1, 1, sound.count(), 1, payload, sound.crc());

    assertThatThrownBy(() -> fold.add(damaged)).hasMessageContaining("checksum");
  }

  @Test
  void eventsThatContradictEachOtherAreRefused() {
    JournalEntry stray = JournalEntry.of(Story.PARTITION, 1, 1, 1, List.of(Story.events().get(3)));

    assertThatThrownBy(() -> fold.add(stray)).isInstanceOf(IllegalStateException.class);
  }
}
