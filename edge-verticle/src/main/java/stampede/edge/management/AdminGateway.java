package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.edge.Owners;
import stampede.protocol.Addresses;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.Steering;
import stampede.protocol.port.Bus;

/**
 * The one place that says which commands there are and who may send them. On the edge's event loop;
 * every answer comes within 29 s (publishing, which has four steps), the others within 10 s.
 */
final class AdminGateway {
  private static final Logger LOG = LoggerFactory.getLogger(AdminGateway.class);

  private final EdgeSide edge;
  private final ClusterView cluster;
  private final Map<String, Entry> table = new LinkedHashMap<>();

  AdminGateway(EdgeSide edge, ClusterView cluster) {
    this.edge = edge;
    this.cluster = cluster;
    SessionPublishing publishing = new SessionPublishing(edge, new Preflight(edge));
    SessionArchiving archiving = new SessionArchiving(edge.backstage());
    reads(new SaleCommands(edge), new CatalogueCommands(edge), publishing);
    steers(new SaleCommands(edge));
    limits(new LimitCommands(edge));
    changes(new SaleCommands(edge), new CatalogueCommands(edge), publishing, archiving);
  }

  private record Entry(Role needed, Function<Instruction, Future<JsonObject>> command) {}

  private void reads(SaleCommands sale, CatalogueCommands catalogue, SessionPublishing publishing) {
    put("admin.ping", Role.VIEWER, i -> Future.succeededFuture(ping(i)));
    put("admin.session.list", Role.VIEWER, catalogue::listSessions);
    put("admin.session.preflight", Role.VIEWER, publishing::preflight);
    put("admin.session.export", Role.VIEWER, catalogue::exportSessions);
    put("admin.item.get", Role.VIEWER, sale::item);
    put("admin.order.get", Role.VIEWER, sale::order);
    put("admin.cluster", Role.VIEWER, i -> Future.succeededFuture(cluster.cluster()));
    put("admin.drain", Role.VIEWER, i -> Future.succeededFuture(cluster.drain()));
    put("admin.audit", Role.VIEWER, catalogue::audit);
    put("admin.webhooks", Role.VIEWER, catalogue::webhooks);
    put("admin.report", Role.VIEWER, new ReportCommands(edge.backstage(), cluster)::report);
  }

  private void steers(SaleCommands sale) {
    put("admin.session.pause", Role.OPERATOR, i -> sale.steerSession(i, Steering.PAUSE_SESSION));
    put("admin.session.resume", Role.OPERATOR, i -> sale.steerSession(i, Steering.RESUME_SESSION));
    put("admin.item.pause", Role.OPERATOR, i -> sale.steerItem(i, Steering.PAUSE_ITEM, 0));
    put("admin.item.resume", Role.OPERATOR, i -> sale.steerItem(i, Steering.RESUME_ITEM, 0));
    put(
        "admin.item.gate",
        Role.OPERATOR,
        i -> sale.steerItem(i, Steering.SET_GATE, millionths(i.body())));
    put(
        "admin.item.cooldown",
        Role.OPERATOR,
        i -> sale.steerItem(i, Steering.SET_COOLDOWN, cooldownMs(i.body())));
    put("admin.user.block", Role.OPERATOR, i -> sale.steerUser(i, Steering.BLOCK_USER));
    put("admin.user.unblock", Role.OPERATOR, i -> sale.steerUser(i, Steering.UNBLOCK_USER));
    put("admin.drain.retry", Role.OPERATOR, this::retryDrain);
    put("admin.webhooks.retry", Role.OPERATOR, this::retryWebhooks);
  }

  private void limits(LimitCommands limits) {
    put("admin.limits", Role.VIEWER, i -> Future.succeededFuture(limits.list()));
    put("admin.limits.set", Role.OPERATOR, limits::set);
  }

  private void changes(
      SaleCommands sale,
      CatalogueCommands catalogue,
      SessionPublishing publishing,
      SessionArchiving archiving) {
    put("admin.session.create", Role.ADMIN, catalogue::createSession);
    put("admin.session.change", Role.ADMIN, catalogue::changeSession);
    put("admin.session.copy", Role.ADMIN, catalogue::copySession);
    put("admin.session.archive", Role.ADMIN, archiving::archive);
    put("admin.session.import", Role.ADMIN, catalogue::importSessions);
    put("admin.item.change", Role.ADMIN, catalogue::changeItem);
    put("admin.session.publish", Role.ADMIN, publishing::publish);
    put("admin.item.create", Role.ADMIN, catalogue::createItem);
    put("admin.item.close", Role.ADMIN, i -> sale.steerItem(i, Steering.CLOSE_ITEM, 0));
    put(
        "admin.item.stock",
        Role.ADMIN,
        i -> sale.steerItem(i, Steering.ADD_STOCK, i.body().whole("add", 1, Limits.STOCK_MAX)));
  }

  private void put(String address, Role needed, Function<Instruction, Future<JsonObject>> command) {
    table.put(address, new Entry(needed, command));
  }

  Set<String> addresses() {
    return table.keySet();
  }

  boolean knows(String address) {
    return table.containsKey(address);
  }

  /**
   * Carries out one command. Never fails: what was refused or went wrong is {@code
   * {"error":{"code","detail"}}}.
   *
   * @param body null = empty
   */
  Future<JsonObject> call(Operator by, String address, @Nullable JsonObject body) {
    Entry entry = table.get(address);
    if (entry == null) {
      return Future.succeededFuture(error("unknown_address", "there is no command " + address));
    }
    if (!by.role().mayDoWhat(entry.needed)) {
      return Future.succeededFuture(
          error("forbidden", address + " needs the role " + entry.needed.text()));
    }
    Fields fields = Fields.of(body == null ? new JsonObject() : body);
    return Future.succeededFuture(new Instruction(by, fields))
        .compose(entry.command::apply)
        .otherwise(failure -> new JsonObject().put("error", faultOf(address, failure)));
  }

  static JsonObject error(String code, String detail) {
    return new JsonObject().put("error", new JsonObject().put("code", code).put("detail", detail));
  }

  private static JsonObject faultOf(String address, Throwable failure) {
    JsonObject fault = fault(failure);
    if (fault.getString("code").equals("internal")) {
      LOG.error("internal {}", address, failure);
    }
    return fault;
  }

  /** {@code {"code","detail"}}, and {@code field} when one is to blame. */
  static JsonObject fault(Throwable failure) {
    if (failure instanceof InvalidField invalid) {
      return coded("invalid", String.valueOf(invalid.getMessage())).put("field", invalid.field());
    } else if (failure instanceof Backstage.Refusal refusal) {
      JsonObject fault = coded(refusal.code(), refusal.detail());
      return refusal.lines().isEmpty() ? fault : fault.put("lines", refusal.lines());
    } else if (failure instanceof Owners.Busy busy) {
      return coded(busy.code(), "not passed on; nothing happened")
          .put("retryAfterMs", busy.retryAfterMs());
    } else if (failure instanceof Owners.Unresolved) {
      return coded("unresolved", "the owner gave no answer in time; it may still be done");
    } else if (failure instanceof Bus.Unanswered) {
      return coded("catalogue_unavailable", "no persist node answered in time");
    }
    return coded("internal", "something went wrong here; it is in the log");
  }

  private static JsonObject coded(String code, String detail) {
    return new JsonObject().put("code", code).put("detail", detail);
  }

  private JsonObject ping(Instruction instruction) {
    return new JsonObject()
        .put("pong", true)
        .put("node", edge.node())
        .put("now", edge.nowMs().getAsLong())
        .put("you", instruction.by().name())
        .put("role", instruction.by().role().text())
        .put("addresses", new JsonArray(List.copyOf(addresses())));
  }

  private static long millionths(Fields body) {
    return Math.round(body.fraction("gate") * Limits.GATE_OPEN);
  }

  private static long cooldownMs(Fields body) {
    return body.whole("cooldownMs", 0, Limits.COOLDOWN_MS_MAX);
  }

  /** In the outbox first, then a hint to those who send. */
  private Future<JsonObject> retryWebhooks(Instruction instruction) {
    return edge.backstage()
        .persist(instruction.change("webhooks.retry"), CatalogueCommands.PERSIST_MS)
        .onSuccess(retried -> edge.bus().publish(Addresses.WEBHOOK_RETRY, new byte[0]));
  }

  /** A hint to the drainers; what became of it shows {@code admin.drain}. */
  private Future<JsonObject> retryDrain(Instruction instruction) {
    long partition = instruction.body().whole("partition", 0, edge.backstage().partitions() - 1);
    JsonObject message = new JsonObject().put("partition", partition);
    edge.bus().publish(Addresses.DRAIN_RETRY, message.encode().getBytes(StandardCharsets.UTF_8));
    return Future.succeededFuture(message.copy().put("sent", true));
  }
}
