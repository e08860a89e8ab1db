package stampede.edge.management;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cluster as this edge sees it: owners by their hints, drains by what they publish. */
final class ClusterView {
  /** Owners speak at least once a second. */
  private static final long SILENT_MS = 3_500;

  private final EdgeSide edge;
  private final DrainWatch drains;

  ClusterView(EdgeSide edge, DrainWatch drains) {
    this.edge = edge;
    this.drains = drains;
  }

  /** {@code {"members","partitions","safe"}}; {@code safe}: every partition has a serving owner. */
  JsonObject cluster() {
    Map<Integer, OwnerSeen> owners = owners();
    JsonArray partitions = new JsonArray();
    for (int p = 0; p < edge.backstage().partitions(); p++) {
      partitions.add(partition(p, owners.get(p), drains.of(p)));
    }
    return new JsonObject()
        .put("members", members(owners))
        .put("partitions", partitions)
        .put("safe", withoutOwner().isEmpty());
  }

  /** What of {@link #cluster} is worth a word when it changes: not what moves all the time. */
  static String shape(JsonObject cluster) {
    StringBuilder shape = new StringBuilder(cluster.getJsonArray("members").encode());
    for (Object each : cluster.getJsonArray("partitions")) {
      JsonObject partition = (JsonObject) each;
      for (String member : List.of("owner", "epoch", "status", "drainStatus")) {
        shape.append(' ').append(partition.getValue(member));
      }
    }
    return shape.toString();
  }

  /** {@code {"owner","epoch","position","stateHash","reconcile"}}, what is not known left out. */
  JsonObject partitionNow(int partition) {
    JsonObject now = new JsonObject();
    OwnerSeen owner = owners().get(partition);
    if (owner != null && statusOf(owner).equals("serving")) {
      now.put("owner", owner.node())
          .put("epoch", owner.epoch())
          .put("position", owner.position())
          .put("stateHash", hash(owner.stateHash()));
    }
    JsonObject reconcile = drains.reconciled(partition);
    return reconcile == null ? now : now.put("reconcile", reconcile);
  }

  /** Partitions nobody serves at the moment, with the reason: {@code {"partition","status"}}. */
  List<JsonObject> withoutOwner() {
    Map<Integer, OwnerSeen> owners = owners();
    List<JsonObject> without = new ArrayList<>();
    for (int p = 0; p < edge.backstage().partitions(); p++) {
      String status = statusOf(owners.get(p));
      if (!status.equals("serving")) {
        without.add(new JsonObject().put("partition", p).put("status", status));
      }
    }
    return without;
  }

  /** Each partition's drain; {@code missing}: those never heard of. */
  JsonObject drain() {
    JsonArray known = new JsonArray();
    JsonArray missing = new JsonArray();
    for (int p = 0; p < edge.backstage().partitions(); p++) {
      JsonObject status = drains.of(p);
      if (status == null) {
        missing.add(p);
      } else {
        known.add(status);
      }
    }
    return new JsonObject().put("partitions", known).put("missing", missing);
  }

  private Map<Integer, OwnerSeen> owners() {
    Map<Integer, OwnerSeen> byPartition = new LinkedHashMap<>();
    for (OwnerSeen owner : edge.owners().get()) {
      byPartition.put(owner.partition(), owner);
    }
    return byPartition;
  }

  private static String statusOf(@Nullable OwnerSeen owner) {
    if (owner == null) {
      return "no_owner";
    }
    if (owner.ageMs() > SILENT_MS) {
      return "silent";
    }
    if (owner.serving()) {
      return "serving";
    }
    return owner.status().equals("serving") ? "not_serving" : owner.status();
  }

  private static JsonObject partition(
      int partition, @Nullable OwnerSeen owner, @Nullable JsonObject drain) {
    JsonObject json = new JsonObject().put("partition", partition);
    json.put("owner", owner == null ? null : owner.node());
    json.put("epoch", owner == null ? null : owner.epoch());
    json.put("position", owner == null ? null : owner.position());
    json.put("stateHash", owner == null ? null : hash(owner.stateHash()));
    json.put("drained", drain == null ? null : drain.getValue("position"));
    json.put("lagMs", drain == null ? null : drain.getValue("lagMs"));
    json.put("drainStatus", drain == null ? null : drain.getValue("status"));
    json.put("status", statusOf(owner));
    return json.put("ageMs", owner == null ? null : owner.ageMs());
  }

  /** An owner gives the hash of its state only while nothing changes. */
  private static @Nullable String hash(long stateHash) {
    return stateHash == 0 ? null : String.format("%016x", stateHash);
  }

  private JsonArray members(Map<Integer, OwnerSeen> owners) {
    Map<String, Member> byName = new LinkedHashMap<>();
    for (Member member : edge.members().get()) {
      byName.put(member.name(), member);
    }
    for (OwnerSeen owner : owners.values()) {
      if (owner.ageMs() <= SILENT_MS) {
        byName.putIfAbsent(owner.node(), new Member(owner.node(), "sale", 0, owner.address()));
      }
    }
    JsonArray members = new JsonArray();
    for (Member member : byName.values()) {
      members.add(
          new JsonObject()
              .put("name", member.name())
              .put("kind", member.kind())
              .put("pid", member.pid() == 0 ? null : member.pid())
              .put("address", member.address()));
    }
    return members;
  }
}
