package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;

/** Finds out who sends a request. On the edge's event loop. */
public interface Shoppers {

  /** Fails with {@link Problem.Refused} (401, 403) when nobody with a good token is asking. */
  Future<Shopper> who(HttpServerRequest request);

  /**
   * The device of a token that its shopper shows beside the own one. Fails with {@link
   * Problem.Refused} (401) when it is none.
   */
  Future<Bytes> device(String token);

  /**
   * @param user of the shop; or a device, see {@link stampede.protocol.Devices}
   * @param expiresAtMs when the token ends, epoch ms
   */
  record Shopper(Bytes user, long expiresAtMs) {}

  /** Makes one-use tickets for clients that can't set a header on a WebSocket. */
  @FunctionalInterface
  interface TicketDesk {
    /**
     * @throws Problem.Refused 503 while too many are out
     */
    Ticket issue(Shopper shopper) throws Problem.Refused;
  }

  /** Takes them back. */
  @FunctionalInterface
  interface TicketGate {
    /** Null when it is unknown, used or too old; it is used up by this. */
    Future<@Nullable Shopper> redeem(String ticket);
  }

  /**
   * @param expiresAtMs epoch ms
   */
  record Ticket(String text, long expiresAtMs) {}
}
