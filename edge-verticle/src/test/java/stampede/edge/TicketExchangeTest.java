package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.node.VertxBus;
import stampede.protocol.Bytes;

/** Two edges on one bus. */
class TicketExchangeTest {
  private final Vertx vertx = Vertx.vertx();
  private final VirtualTimers timers = new VirtualTimers();
  private final TicketExchange one = exchange(1);
  private final TicketExchange two = exchange(2);
  private final Shoppers.Shopper ann = new Shoppers.Shopper(Bytes.of("ann"), 99_000);

  private TicketExchange exchange(long edge) {
    return new TicketExchange(new Tickets(timers, () -> 5_000), new VertxBus(vertx), edge);
  }

  @BeforeEach
  void start() {
    one.start();
    two.start();
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private static Shoppers.@Nullable Shopper redeemed(TicketExchange at, String ticket)
      throws Exception {
    return at.redeem(ticket).await(5, TimeUnit.SECONDS);
  }

  @Test
  void aTicketIsGoodAtEveryEdgeAndOnceInAll() throws Exception {
    String here = one.issue(ann).text();
    String there = one.issue(ann).text();

    assertThat(redeemed(one, here)).isEqualTo(ann);
    assertThat(redeemed(two, here)).isNull();
    assertThat(redeemed(two, there)).isEqualTo(ann);
    assertThat(redeemed(two, there)).isNull();
    assertThat(redeemed(one, there)).isNull();
  }

  @Test
  void aTicketEndsWithItsTimeAndWithItsEdge() throws Exception {
    String late = one.issue(ann).text();
    timers.advance(Tickets.LIFE_MS);
    assertThat(redeemed(two, late)).isNull();

    String orphan = one.issue(ann).text();
    one.stop();
    assertThat(redeemed(two, orphan)).isNull();
  }

  /** What is shown becomes part of an address, so it must not be able to name another one. */
  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1.", "1.a b", "1.a.b", "persist.query", "A.a", "1.a\n", "..a"})
  void whatIsNoTicketAsksNobody(String text) throws Exception {
    assertThat(redeemed(two, text)).isNull();
  }
}
