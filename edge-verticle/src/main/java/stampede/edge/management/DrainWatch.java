package stampede.edge.management;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.ReconcileNews;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * The latest status each partition's drain published, with its age, and what the reconciler of its
 * rows found. On the edge's event loop.
 */
final class DrainWatch {
  private final Bus bus;
  private final Timers timers;
  private final int partitions;
  private final Map<Integer, Drain> byPartition = new TreeMap<>();
  private final Map<Integer, Reconciler> reconciled = new TreeMap<>();
  private Bus.@Nullable Registration registration;
  private Bus.@Nullable Registration registrationOfReconcilers;

  DrainWatch(Bus bus, Timers timers, int partitions) {
    this.bus = bus;
    this.timers = timers;
    this.partitions = partitions;
  }

  private record Drain(DrainStatus status, DrainNews news, long atMs) {}

  private record Reconciler(ReconcileNews.Partition found, String node, long atMs) {}

  void start() {
    registration = bus.subscribe(Addresses.DRAIN_STATUS, m -> heard(DrainNews.decode(m)));
    registrationOfReconcilers =
        bus.subscribe(Addresses.RECONCILE_STATUS, m -> heard(ReconcileNews.decode(m)));
  }

  void stop() {
    if (registration != null) {
      registration.cancel();
    }
    if (registrationOfReconcilers != null) {
      registrationOfReconcilers.cancel();
    }
  }

  /**
   * {@code
   * {"partition","node","position","batch","status":"ok"|"waiting"|"halted","error","attempts","lagMs","at","ageMs"}},
   * and what the reconciler said as {@code reconcile} if it was heard of; null when nothing was
   * heard of this partition's drain.
   */
  @Nullable JsonObject of(int partition) {
    Drain drain = byPartition.get(partition);
    if (drain == null) {
      return null;
    }
    JsonObject found = reconciled(partition);
    return found == null ? json(drain) : json(drain).put("reconcile", found);
  }

  private JsonObject json(Drain drain) {
    DrainStatus status = drain.status;
    return new JsonObject()
        .put("partition", status.partition())
        .put("node", drain.news.node())
        .put("position", status.position())
        .put("batch", Long.toUnsignedString(status.batch()))
        .put("status", status.mode().text())
        .put("error", status.error())
        .put("attempts", status.attempts())
        .put("lagMs", status.lagMs())
        .put("at", drain.news.at())
        .put("ageMs", timers.millis() - drain.atMs);
  }

  /**
   * What the reconciler of the partition said last: {@code
   * {"partition","node","checked","lagEvents","sweepAgeMs","problem","differences","subjects":[…],"ageMs"}};
   * null = nothing.
   */
  @Nullable JsonObject reconciled(int partition) {
    Reconciler heard = reconciled.get(partition);
    if (heard == null) {
      return null;
    }
    ReconcileNews.Partition found = heard.found;
    return new JsonObject()
        .put("partition", partition)
        .put("node", heard.node)
        .put("checked", found.checked())
        .put("lagEvents", found.lagEvents())
        .put("sweepAgeMs", found.sweepAgeMs())
        .put("problem", found.problem())
        .put("differences", found.differences())
        .put("subjects", new JsonArray(found.subjects()))
        .put("ageMs", timers.millis() - heard.atMs);
  }

  /** The longest lag of all partitions, ms; −1 when nothing was heard yet. */
  long lagMsMax() {
    long max = -1;
    for (Drain drain : byPartition.values()) {
      max = Math.max(max, drain.status.lagMs());
    }
    return max;
  }

  /** Age of the oldest status {@link #lagMsMax} is made from. */
  long ageMsMax() {
    long max = 0;
    for (Drain drain : byPartition.values()) {
      max = Math.max(max, timers.millis() - drain.atMs);
    }
    return max;
  }

  private void heard(DrainNews news) {
    for (DrainStatus status : news.drains()) {
      if (status.partition() < partitions) {
        byPartition.put(status.partition(), new Drain(status, news, timers.millis()));
      }
    }
  }

  private void heard(ReconcileNews news) {
    for (ReconcileNews.Partition found : news.partitions()) {
      if (found.partition() < partitions) {
        reconciled.put(found.partition(), new Reconciler(found, news.node(), timers.millis()));
      }
    }
  }
}
