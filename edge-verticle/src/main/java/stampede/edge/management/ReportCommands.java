package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import stampede.edge.Backstage;
import stampede.edge.management.report.SessionReport;

/** Reports of sessions: rows from a persist node, the present from what nodes say. */
final class ReportCommands {
  private static final long PERSIST_MS = 18_000;

  private final Backstage backstage;
  private final ClusterView cluster;

  ReportCommands(Backstage backstage, ClusterView cluster) {
    this.backstage = backstage;
    this.cluster = cluster;
  }

  Future<JsonObject> report(Instruction instruction) {
    return report(instruction.body().id("session"));
  }

  Future<JsonObject> report(long session) {
    JsonObject query = new JsonObject().put("op", "report").put("session", Long.toString(session));
    return backstage
        .persist(query, PERSIST_MS)
        .map(found -> SessionReport.of(found, cluster::partitionNow));
  }
}
