package stampede.edge.management;

import static stampede.edge.management.BodySchema.body;
import static stampede.edge.management.BodySchema.flag;
import static stampede.edge.management.BodySchema.id;
import static stampede.edge.management.BodySchema.list;
import static stampede.edge.management.BodySchema.oneOf;
import static stampede.edge.management.BodySchema.part;
import static stampede.edge.management.BodySchema.text;
import static stampede.edge.management.BodySchema.whole;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.edge.Owners;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.EdgeLimit;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.Steering;
import stampede.protocol.port.Bus;

/**
 * The one place that says which commands there are and who may send them. On the edge's event loop;
 * every answer comes within 29 s (publishing, which has four steps), the others within 10 s.
 */
final class AdminGateway {
  private static final int HISTORY_ITEMS_MAX = 20;
  private static final Logger LOG = LoggerFactory.getLogger(AdminGateway.class);

  private final EdgeSide edge;
  private final ClusterView cluster;
  private final Proposals proposals;
  private final boolean twoPersons;
  private final Map<String, Entry> table = new LinkedHashMap<>();

  /** What a second person lets pass. */
  private final Map<String, Function<Instruction, Future<JsonObject>>> approved = new HashMap<>();

  /**
   * @param twoPersons more stock for an open item, and its end, need a second admin
   */
  AdminGateway(
      EdgeSide edge,
      ClusterView cluster,
      Stats stats,
      Proposals proposals,
      AlarmsHeard alarms,
      boolean twoPersons) {
    this.edge = edge;
    this.cluster = cluster;
    this.proposals = proposals;
    this.twoPersons = twoPersons;
    SaleCommands sale = new SaleCommands(edge);
    CatalogueCommands catalogue = new CatalogueCommands(edge);
    SessionPublishing publishing = new SessionPublishing(edge, new Preflight(edge));
    readsOfTheSale(sale, catalogue, publishing);
    readsOfTheFigures(stats);
    readsOfTheCluster(catalogue, alarms);
    steers(sale);
    retries();
    plans(catalogue, publishing, new SessionArchiving(edge.backstage()));
    changes(sale);
  }

  /** Changes are audited and take a reason and a key; reads are neither. */
  private record Entry(
      Role needed,
      boolean isChange,
      BodySchema body,
      String says,
      Function<Instruction, Future<JsonObject>> command) {}

  // ---- the table -------------------------------------------------------------------------------

  private void readsOfTheSale(
      SaleCommands sale, CatalogueCommands catalogue, SessionPublishing publishing) {
    read("admin.ping", "who you are, and what there is", body(), i -> done(ping(i)));
    read("admin.schema", "this list", body(), i -> done(schema()));
    read("admin.session.list", "sessions and items", between(), catalogue::listSessions);
    read(
        "admin.session.preflight",
        "what stands in the way of a session",
        body().must("session", id()).may("expectedPerSecond", whole(0, 1_000_000_000)),
        publishing::preflight);
    read(
        "admin.session.export",
        "a plan as CSV",
        between().may("session", id()),
        catalogue::exportSessions);
    read("admin.item.get", "an item as its owner has it", body().must("item", id()), sale::item);
    read("admin.order.get", "an order", body().must("order", id()), sale::order);
    read(
        "admin.order.list",
        "orders of a user, or of one key",
        body()
            .must("user", text(Bytes.LENGTH_MAX))
            .may("item", id())
            .may("key", text(Bytes.LENGTH_MAX))
            .may("max", whole(1, SaleCommands.ORDERS_MAX))
            .may("after", text(64).put("description", "the next of another page")),
        sale::orders);
    read(
        "admin.report",
        "what became of a session",
        body().must("session", id()),
        new ReportCommands(edge.backstage(), cluster)::report);
    read("admin.pending", "what waits for a second person", body(), i -> done(proposals.list()));
  }

  private void readsOfTheFigures(Stats stats) {
    read("admin.stats", "the figures now, as stats has them", body(), i -> done(stats.now()));
    read(
        "admin.history",
        "the last 15 minutes of the figures",
        body().may("seconds", whole(1, 900)).may("items", list(id(), HISTORY_ITEMS_MAX)),
        i -> done(history(stats, i.body())));
  }

  private void readsOfTheCluster(CatalogueCommands catalogue, AlarmsHeard alarms) {
    read("admin.cluster", "members and partitions", body(), i -> done(cluster.cluster()));
    read("admin.drain", "how far MySQL is", body(), i -> done(cluster.drain()));
    read(
        "admin.audit",
        "who did what, and why",
        body().may("after", id()).may("max", whole(1, 500)).may("newest", flag()),
        catalogue::audit);
    read("admin.alarms", "the last alarms of all nodes", body(), i -> done(alarms.list()));
    read("admin.webhooks", "what the shop is told", body(), catalogue::webhooks);
    LimitCommands limits = new LimitCommands(edge);
    read("admin.limits", "limits that change live", body(), i -> done(limits.list()));
    steer(
        "admin.limits.set",
        "sets one on every edge",
        body()
            .must("limit", oneOf(Arrays.stream(EdgeLimit.values()).map(EdgeLimit::text).toList()))
            .must(
                "value",
                new JsonObject()
                    .put("type", JsonArray.of("integer", "string"))
                    .put("description", "a number, or \"default\"")),
        limits::set);
  }

  private void steers(SaleCommands sale) {
    BodySchema session = body().must("session", id());
    BodySchema item = body().must("item", id());
    BodySchema user = body().must("user", text(Bytes.LENGTH_MAX));
    steer(
        "admin.session.pause",
        "nothing of it sells",
        session,
        i -> sale.steerSession(i, Steering.PAUSE_SESSION));
    steer(
        "admin.session.resume",
        "it sells again",
        session,
        i -> sale.steerSession(i, Steering.RESUME_SESSION));
    steer(
        "admin.item.pause",
        "it does not sell",
        item,
        i -> sale.steerItem(i, Steering.PAUSE_ITEM, 0));
    steer(
        "admin.item.resume",
        "it sells again",
        item,
        i -> sale.steerItem(i, Steering.RESUME_ITEM, 0));
    steer(
        "admin.item.gate",
        "the part of the shakes that is let through",
        body().must("item", id()).must("gate", part()),
        i -> sale.steerItem(i, Steering.SET_GATE, millionths(i.body())));
    steer(
        "admin.item.cooldown",
        "between two shakes of a user",
        body().must("item", id()).must("cooldownMs", whole(0, Limits.COOLDOWN_MS_MAX)),
        i -> sale.steerItem(i, Steering.SET_COOLDOWN, cooldownMs(i.body())));
    steer(
        "admin.item.message",
        "words to those who wait for it",
        body().must("item", id()).must("text", text(Limits.NOTICE_CHARS_MAX)),
        new NoticeCommand(edge)::send);
    steer(
        "admin.user.block",
        "all shakes of a user are refused",
        user,
        i -> sale.steerUser(i, Steering.BLOCK_USER));
    steer(
        "admin.user.unblock",
        "and are taken again",
        user,
        i -> sale.steerUser(i, Steering.UNBLOCK_USER));
  }

  private void retries() {
    BodySchema partition = body().must("partition", whole(0, edge.backstage().partitions() - 1));
    steer("admin.drain.retry", "a halted drain tries again", partition, this::retryDrain);
    steer("admin.webhooks.retry", "parked messages are sent again", body(), this::retryWebhooks);
    steer(
        "admin.partition.handover",
        "another node becomes the owner",
        partition,
        new HandOverCommand(edge)::handOver);
  }

  private void plans(
      CatalogueCommands catalogue, SessionPublishing publishing, SessionArchiving archiving) {
    change(
        "admin.session.create",
        "a draft",
        PlanSchema.session("title", "opensAt", "closesAt"),
        catalogue::createSession);
    change(
        "admin.session.change",
        "of a draft everything, of a published one title and label",
        PlanSchema.session().must("session", id()),
        catalogue::changeSession);
    change(
        "admin.session.copy",
        "drafts of the same at another day",
        body()
            .must("session", id())
            .must("day", text(10).put("description", "2026-11-29"))
            .may("title", text(Limits.TITLE_CHARS_MAX)),
        catalogue::copySession);
    change(
        "admin.session.archive",
        "one that is over",
        body().must("session", id()).may("force", text(Limits.REASON_CHARS_MAX)),
        archiving::archive);
    change(
        "admin.session.import",
        "drafts from CSV",
        body().must("csv", text(CatalogueCommands.CSV_CHARS_MAX)),
        catalogue::importSessions);
    change(
        "admin.session.publish",
        "it goes on sale",
        body().must("session", id()).may("force", text(Limits.REASON_CHARS_MAX)),
        publishing::publish);
    change(
        "admin.item.create",
        "a draft",
        PlanSchema.item("title", "price", "stock").must("session", id()),
        catalogue::createItem);
    change(
        "admin.item.change",
        "of a draft",
        PlanSchema.item().must("item", id()),
        catalogue::changeItem);
  }

  private void changes(SaleCommands sale) {
    change(
        "admin.item.close",
        "it is over for good",
        body().must("item", id()),
        ofTwo("admin.item.close", sale, i -> 0, i -> sale.steerItem(i, Steering.CLOSE_ITEM, 0)));
    change(
        "admin.item.stock",
        "more units",
        body().must("item", id()).must("add", whole(1, Limits.STOCK_MAX)),
        ofTwo(
            "admin.item.stock",
            sale,
            AdminGateway::unitsToAdd,
            i -> sale.steerItem(i, Steering.ADD_STOCK, unitsToAdd(i))));
    change(
        "admin.approve",
        "what another admin proposed",
        body().must("pending", text(64)),
        i -> proposals.approve(i, approved::get));
  }

  /**
   * Needs a second person while the item is on sale, if that is the rule.
   *
   * @param check throws what is wrong with the body before anybody is bothered with it
   */
  private Function<Instruction, Future<JsonObject>> ofTwo(
      String address,
      SaleCommands sale,
      ToLongFunction<Instruction> check,
      Function<Instruction, Future<JsonObject>> command) {
    approved.put(address, command);
    return instruction -> {
      if (!twoPersons) {
        return command.apply(instruction);
      }
      check.applyAsLong(instruction);
      return sale.isOnSale(instruction.body().id("item"))
          .compose(
              onSale ->
                  onSale ? proposals.propose(address, instruction) : command.apply(instruction));
    };
  }

  private static long unitsToAdd(Instruction instruction) {
    return instruction.body().whole("add", 1, Limits.STOCK_MAX);
  }

  private static BodySchema between() {
    long end = Limits.TIME_MS_MAX;
    return body().may("from", whole(0, end)).may("to", whole(0, end));
  }

  private void read(
      String address,
      String says,
      BodySchema body,
      Function<Instruction, Future<JsonObject>> command) {
    table.put(address, new Entry(Role.VIEWER, false, body, says, command));
  }

  private void steer(
      String address,
      String says,
      BodySchema body,
      Function<Instruction, Future<JsonObject>> command) {
    table.put(address, new Entry(Role.OPERATOR, true, body.withWarrant(), says, command));
  }

  private void change(
      String address,
      String says,
      BodySchema body,
      Function<Instruction, Future<JsonObject>> command) {
    table.put(address, new Entry(Role.ADMIN, true, body.withWarrant(), says, command));
  }

  private static Future<JsonObject> done(JsonObject reply) {
    return Future.succeededFuture(reply);
  }

  /**
   * {@code
   * {"addresses":[{"address","role","kind","says","body"}],"published":[{"address","says"}]}}:
   * {@code body} is a JSON Schema.
   */
  private JsonObject schema() {
    JsonArray addresses = new JsonArray();
    table.forEach(
        (address, entry) ->
            addresses.add(
                new JsonObject()
                    .put("address", address)
                    .put("role", entry.needed.text())
                    .put("kind", entry.isChange ? "change" : "read")
                    .put("says", entry.says)
                    .put("body", entry.body.json())));
    JsonArray published = new JsonArray();
    for (Tap tap : Tap.values()) {
      published.add(new JsonObject().put("address", tap.address()).put("says", tap.says()));
    }
    return new JsonObject().put("addresses", addresses).put("published", published);
  }

  private static JsonObject history(Stats stats, Fields body) {
    return stats.history(
        (int) body.whole("seconds", 1, 900, 900), body.ids("items", HISTORY_ITEMS_MAX));
  }

  // ---- calls -----------------------------------------------------------------------------------

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
