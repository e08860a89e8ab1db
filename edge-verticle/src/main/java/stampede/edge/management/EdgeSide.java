package stampede.edge.management;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import stampede.edge.Backstage;
import stampede.edge.admission.LiveLimits;
import stampede.edge.page.ShopWindow;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * What the management port sees of the edge it belongs to. All suppliers are asked on the edge's
 * event loop.
 *
 * @param node name of this edge
 * @param owners the latest of each partition that was heard of
 * @param members nodes known beside the owners, this edge among them
 * @param counters see {@link stampede.edge.Counters#snapshot}
 * @param queued commands that wait for their owner
 * @param ownerNow of a partition, epoch ms; 0 = not known now
 * @param shop what the pages show
 * @param limits as they are on this edge
 * @param nowMs epoch ms
 */
public record EdgeSide(
    String node,
    Backstage backstage,
    Bus bus,
    Timers timers,
    Supplier<List<OwnerSeen>> owners,
    Supplier<List<Member>> members,
    Supplier<JsonObject> counters,
    IntSupplier queued,
    IntToLongFunction ownerNow,
    ShopWindow shop,
    LiveLimits limits,
    LongSupplier nowMs) {}
