package stampede.edge;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Timers;

/**
 * One-use tickets for clients that can't set a header on a WebSocket; each lives {@value #LIFE_MS}
 * ms. Those of one edge, which alone can take them back; {@link TicketExchange} asks it. On the
 * edge's event loop.
 */
public final class Tickets implements Shoppers.TicketDesk {
  public static final long LIFE_MS = 30_000;

  private static final int OUT_MAX = 100_000;
  private static final int RANDOM_BYTES = 24;

  private record Issued(Shoppers.Shopper shopper, long endsMs) {}

  private final Timers timers;
  private final LongSupplier epochMs;
  private final SecureRandom random = new SecureRandom();

  /** All live equally long, so the oldest ends first. */
  private final Map<String, Issued> out = new LinkedHashMap<>();

  public Tickets(Timers timers, LongSupplier epochMs) {
    this.timers = timers;
    this.epochMs = epochMs;
  }

  @Override
  public Shoppers.Ticket issue(Shoppers.Shopper shopper) throws Problem.Refused {
    dropEnded();
    if (out.size() >= OUT_MAX) {
      throw new Problem.Refused(503, "too_many_tickets", "too many tickets are out; ask again");
    }
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    out.put(text, new Issued(shopper, timers.millis() + LIFE_MS));
    return new Shoppers.Ticket(text, epochMs.getAsLong() + LIFE_MS);
  }

  /** Null when it is unknown, used or too old; it is used up by this. */
  Shoppers.@Nullable Shopper redeem(String text) {
    Issued issued = out.remove(text);
    return issued != null && issued.endsMs > timers.millis() ? issued.shopper : null;
  }

  private void dropEnded() {
    Iterator<Issued> oldest = out.values().iterator();
    while (oldest.hasNext() && oldest.next().endsMs <= timers.millis()) {
      oldest.remove();
    }
  }
}
