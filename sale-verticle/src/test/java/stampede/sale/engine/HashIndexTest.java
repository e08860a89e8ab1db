package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;

class HashIndexTest {
  private final HashIndex index = new HashIndex();

  @Test
  void findsEveryEntryAndNothingElseWhileItGrows() {
    int entries = 20_000;

    for (int entry = 0; entry < entries; entry++) {
      assertThat(found(Bytes.mix64(entry))).doesNotContain(entry);
      index.add(Bytes.mix64(entry), entry);
      assertThat(found(Bytes.mix64(entry))).contains(entry);
    }

    for (int entry = 0; entry < entries; entry++) {
      assertThat(found(Bytes.mix64(entry))).containsExactly(entry);
      assertThat(found(Bytes.mix64(entries + entry))).isEmpty();
    }
  }

  @Test
  void findsAllEntriesOfOneHash() {
    long hash = Bytes.mix64(7);

    List<Integer> added = new ArrayList<>();
    for (int entry = 0; entry < 100; entry++) { // several full groups, over several growths
      index.add(hash, entry);
      added.add(entry);
    }

    assertThat(found(hash)).containsExactlyInAnyOrderElementsOf(added);
  }

  @Test
  void tellsApartWhatSharesItsGroupItsTagOrBoth() {
    long group = 5L << 32;
    long tag = 3L << 57;

    index.add(group | tag, 0);
    index.add(group | tag | 1L << 50, 1);
    index.add(group | tag ^ 1L << 57, 2);
    index.add(6L << 32 | tag, 3);

    assertThat(found(group | tag)).containsExactly(0);
    assertThat(found(group | tag | 1L << 50)).containsExactly(1);
    assertThat(found(group | tag ^ 1L << 57)).containsExactly(2);
    assertThat(found(6L << 32 | tag)).containsExactly(3);
    assertThat(found(group | tag | 1L << 51)).isEmpty();
    assertThat(found(7L << 32 | tag)).isEmpty();
  }

  @Test
  void findsWhatDidNotFitIntoTheLastGroupAtTheBegin() {
    SplittableRandom random = new SplittableRandom(11);
    List<Long> hashes = new ArrayList<>();
    for (int entry = 0; entry < 30; entry++) { // of 64 slots, all of the last group
      hashes.add(random.nextLong() | 7L << 32);
      index.add(hashes.get(entry), entry);
    }

    for (int entry = 0; entry < 30; entry++) {
      assertThat(found(hashes.get(entry))).contains(entry);
    }
  }

  private List<Integer> found(long hash) {
    List<Integer> found = new ArrayList<>();
    for (int slot = index.first(hash); slot >= 0; slot = index.next(hash, slot)) {
      found.add(index.entry(slot));
    }
    return found;
  }
}
