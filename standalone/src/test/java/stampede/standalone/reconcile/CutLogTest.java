package stampede.standalone.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;

/** The story's session is archived, and the log cut somewhere in it. */
class CutLogTest {
  private static final long ARCHIVED = 12;

  /** Positions 10 to 13. */
  private static List<SaleEvent> events(long upTo) {
    List<SaleEvent> events = new ArrayList<>(Story.events());
    events.add(new SaleEvent.Paid(Story.CID, Story.ITEM, 1, Bytes.of("p-3"), 6_600));
    events.add(new SaleEvent.ItemEnded(Story.ITEM, 100_000));
    events.add(new SaleEvent.SessionArchived(7, List.of(Story.ITEM), 100_001));
    events.add(new SaleEvent.LogCut(upTo, 1, 100_002));
    return events;
  }

  private static LogFold folded(int cutAway, List<SaleEvent> events) {
    LogFold fold = new LogFold(new Ledger(Story.PARTITION));
    for (int i = cutAway; i < events.size(); i++) {
      long first = i + 1L;
      fold.add(JournalEntry.of(Story.PARTITION, 1, first, first, List.of(events.get(i))));
    }
    return fold;
  }

  private static List<Booked.Order> rows() {
    List<Booked.Order> rows = Story.orders();
    Booked.Order held = rows.remove(2);
    rows.add(
        new Booked.Order(
            held.fact().ended(stampede.protocol.OrderStatus.PAID, 6_600, Bytes.of("p-3"), 0, ""),
            null,
            Story.PARTITION,
            9));
    return rows;
  }

  private static List<String> differences(Ledger ledger, List<Booked.Order> rows, long held) {
    List<String> told = new ArrayList<>();
    Comparison comparison = new Comparison(ledger, 13, new Differences(told::add));
    rows.forEach(comparison::order);
    comparison.endOfOrders();
    comparison.stock(List.of(new Booked.Stock(Story.ITEM, 8, held, 2 - held, 10, 10)));
    comparison.items(List.of(Story.item()));
    comparison.refunds(List.of(Story.refund()));
    comparison.audits(List.of(Story.audit()));
    return told;
  }

  @Test
  void whatIsArchivedIsComparedAsLongAsTheLogHasIt() {
    Ledger whole = folded(0, events(ARCHIVED)).ledger();

    assertThat(differences(whole, rows(), 0)).isEmpty();
    assertThat(differences(whole, rows().subList(0, 2), 0))
        .singleElement()
        .asString()
        .contains(Story.CID + "", "is not in MySQL");
    assertThat(differences(whole, rows(), 1)).isNotEmpty();
  }

  @Test
  void whatWasCutAwayIsNoDifference() {
    for (int cutAway = 1; cutAway <= ARCHIVED; cutAway++) {
      LogFold fold = folded(cutAway, events(ARCHIVED));
      fold.requireWhole();

      assertThat(differences(fold.ledger(), rows(), 0)).as("behind %d", cutAway).isEmpty();
      assertThat(differences(fold.ledger(), rows(), 1)).isNotEmpty();
    }
  }

  @Test
  void orderAcceptedBehindTheCutMustHaveItsRow() {
    Ledger ledger = folded(6, events(ARCHIVED)).ledger();

    assertThat(differences(ledger, rows().subList(0, 2), 0))
        .singleElement()
        .asString()
        .contains(Story.CID + " is not in MySQL");
  }

  @Test
  void logThatBeginsLaterThanItSaysItMayIsDamaged() {
    LogFold further = folded(8, events(5));
    assertThatThrownBy(further::requireWhole)
        .isInstanceOf(CorruptRecord.class)
        .hasMessageContaining("begins at 9");

    assertThatThrownBy(() -> folded(3, Story.events()).requireWhole())
        .isInstanceOf(CorruptRecord.class);
  }
}
