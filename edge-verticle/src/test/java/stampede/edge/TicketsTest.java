package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;

class TicketsTest {
  private final VirtualTimers timers = new VirtualTimers();
  private final Tickets tickets = new Tickets(timers, () -> 5_000);
  private final Shoppers.Shopper ann = new Shoppers.Shopper(Bytes.of("ann"), 99_000);

  @Test
  void aTicketIsGoodOnceAndTellsItsEnd() throws Exception {
    Shoppers.Ticket ticket = tickets.issue(ann);

    assertThat(ticket.expiresAtMs()).isEqualTo(35_000);
    assertThat(tickets.redeem(ticket.text())).isEqualTo(ann);
    assertThat(tickets.redeem(ticket.text())).isNull();
    assertThat(tickets.redeem("another")).isNull();
  }

  @Test
  void aTicketEndsAfterThirtySeconds() throws Exception {
    Shoppers.Ticket ticket = tickets.issue(ann);
    Shoppers.Ticket late = tickets.issue(ann);

    timers.advance(29_999);
    assertThat(tickets.redeem(ticket.text())).isEqualTo(ann);
    timers.advance(1);
    assertThat(tickets.redeem(late.text())).isNull();
  }

  @Test
  void noTwoTicketsAreAlike() throws Exception {
    assertThat(tickets.issue(ann).text()).isNotEqualTo(tickets.issue(ann).text());
  }
}
