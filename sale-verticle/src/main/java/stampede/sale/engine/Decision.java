package stampede.sale.engine;

import java.util.List;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;

/**
 * What the engine makes of a command. Deciding changes nothing; the events take effect when they
 * are applied, and the reply may leave when they are durable.
 *
 * @param events to apply and to append, in order; empty for refusals and questions
 * @param reply refers to positions as they are after the events
 */
public record Decision(Reply reply, List<SaleEvent> events) {}
