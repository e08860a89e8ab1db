package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.port.Bus;

/**
 * Makes a ticket good at every edge: it names the edge that made it, and wherever it is shown that
 * one is asked. So it is used once, and nothing needs to be kept twice. On the edge's event loop.
 */
final class TicketExchange implements Shoppers.TicketDesk, Shoppers.TicketGate {
  private static final long ASK_MS = 1_000;

  /** What a client shows becomes a part of a bus address: nothing else may. */
  private static final Pattern TEXT = Pattern.compile("([0-9a-z]{1,13})\\.([A-Za-z0-9_-]{1,64})");

  private final Tickets own;
  private final Bus bus;
  private final String edge;
  private Bus.@Nullable Registration registration;

  /**
   * @param edge of one start of this edge
   */
  TicketExchange(Tickets own, Bus bus, long edge) {
    this.own = own;
    this.bus = bus;
    this.edge = Long.toUnsignedString(edge, 36);
  }

  void start() {
    registration =
        bus.serve(Addresses.tickets(edge), (ticket, reply) -> reply.succeed(told(ticket)));
  }

  void stop() {
    if (registration != null) {
      registration.cancel();
      registration = null;
    }
  }

  @Override
  public Shoppers.Ticket issue(Shoppers.Shopper shopper) throws Problem.Refused {
    Shoppers.Ticket ticket = own.issue(shopper);
    return new Shoppers.Ticket(edge + "." + ticket.text(), ticket.expiresAtMs());
  }

  @Override
  public Future<Shoppers.@Nullable Shopper> redeem(String ticket) {
    Matcher named = TEXT.matcher(ticket);
    if (!named.matches()) {
      return Future.succeededFuture();
    }
    if (named.group(1).equals(edge)) {
      return Future.succeededFuture(own.redeem(named.group(2)));
    }
    Promise<Shoppers.@Nullable Shopper> shopper = Promise.promise();
    bus.request(
        Addresses.tickets(named.group(1)),
        named.group(2).getBytes(StandardCharsets.UTF_8),
        ASK_MS,
        (answer, failure) -> shopper.complete(failure == null ? read(answer) : null));
    return shopper.future();
  }

  private byte[] told(byte[] ticket) {
    Shoppers.Shopper shopper = own.redeem(new String(ticket, StandardCharsets.UTF_8));
    JsonObject answer = new JsonObject();
    if (shopper != null) {
      answer.put("user", shopper.user().utf8()).put("expiresAt", shopper.expiresAtMs());
    }
    return answer.encode().getBytes(StandardCharsets.UTF_8);
  }

  private static Shoppers.@Nullable Shopper read(byte @Nullable [] answer) {
    JsonObject said = answer == null ? new JsonObject() : new JsonObject(Buffer.buffer(answer));
    return said.isEmpty()
        ? null
        : new Shoppers.Shopper(Bytes.of(said.getString("user")), said.getLong("expiresAt"));
  }
}
