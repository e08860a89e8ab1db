package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import stampede.edge.Backstage;
import stampede.edge.admission.LiveLimits;
import stampede.protocol.Bytes;
import stampede.protocol.Command.Steer;
import stampede.protocol.EdgeLimit;
import stampede.protocol.InvalidField;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Steering;

/** What every edge keeps its crowd within: journalled by one owner, heard by all edges. */
final class LimitCommands {
  /** In place of a value: as each edge's config says. */
  private static final String DEFAULT = "default";

  private final Backstage backstage;
  private final LiveLimits limits;

  LimitCommands(EdgeSide edge) {
    this.backstage = edge.backstage();
    this.limits = edge.limits();
  }

  /**
   * {@code {"limits":[{"limit","config","live","now","min","max"}]}} of this edge; {@code live} is
   * null while its config holds.
   */
  JsonObject list() {
    JsonArray all = new JsonArray();
    for (EdgeLimit limit : EdgeLimit.values()) {
      all.add(
          new JsonObject()
              .put("limit", limit.text())
              .put("config", limits.configured(limit))
              .put("live", limits.isSteered(limit) ? limits.of(limit) : null)
              .put("now", limits.of(limit))
              .put("min", limit.min())
              .put("max", limit.max()));
    }
    return new JsonObject().put("limits", all);
  }

  Future<JsonObject> set(Instruction instruction) {
    EdgeLimit limit = limit(instruction);
    int partition = PartitionMap.LIMITS_PARTITION;
    Steer steer =
        new Steer(
            Steering.SET_LIMIT,
            limit.code(),
            value(instruction, limit),
            Bytes.EMPTY,
            instruction.warrant(true));
    return backstage
        .owner(partition, steer, Reply.Steered.class, SaleCommands.OWNER_MS)
        .map(
            reply ->
                new JsonObject()
                    .put("limit", limit.text())
                    .mergeIn(SaleCommands.told(partition, reply)));
  }

  private static EdgeLimit limit(Instruction instruction) {
    String name = instruction.body().text("limit", 64);
    EdgeLimit limit = EdgeLimit.find(name);
    if (limit == null) {
      String known =
          String.join(", ", Arrays.stream(EdgeLimit.values()).map(EdgeLimit::text).toList());
      throw new InvalidField("limit", "must be one of " + known);
    }
    return limit;
  }

  private static long value(Instruction instruction, EdgeLimit limit) {
    return instruction.body().is("value", DEFAULT)
        ? EdgeLimit.OF_CONFIG
        : instruction.body().whole("value", limit.min(), limit.max());
  }
}
