package stampede.edge.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stampede.edge.Backstage;
import stampede.edge.EdgeConfigs;
import stampede.edge.Owners;
import stampede.edge.ScriptedOwners;
import stampede.edge.VirtualTimers;
import stampede.edge.admission.LiveLimits;
import stampede.edge.management.live.LiveFigures;
import stampede.node.LoopDelay;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Steer;
import stampede.protocol.CorruptRecord;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.EdgeLimit;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.ReconcileNews;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.StockLevel;
import stampede.protocol.Warrant;

class AdminGatewayTest {
  private static final long NOW_MS = 5_000;
  private static final int HOME = PartitionMap.partitionOfItem(1001, ScriptedOwners.PARTITIONS);
  private static final Reply STEERED =
      new Reply.Steered(9, "{\"state\":\"open\"}", "{\"state\":\"paused\"}");

  private final long[] now = {NOW_MS};
  private final VirtualTimers timers = new VirtualTimers();
  private final ScriptedOwners owners = new ScriptedOwners();
  private final ScriptedBus bus = new ScriptedBus();
  private final List<OwnerSeen> seen = new ArrayList<>();
  private final EmptyShop shop = new EmptyShop();
  private final EdgeSide edge =
      new EdgeSide(
          "edge-1",
          new Backstage(owners, bus, timers),
          bus,
          timers,
          () -> seen,
          () -> List.of(new Member("edge-1", "edge", 4711, "127.0.0.1:8080")),
          JsonObject::new,
          () -> 0,
          partition -> NOW_MS - 20,
          shop,
          new LiveLimits(EdgeConfigs.limits()),
          () -> now[0]);
  private final DrainWatch drains = new DrainWatch(bus, timers, ScriptedOwners.PARTITIONS);
  private final LiveFigures figures =
      new LiveFigures("edge-1", bus, timers, JsonObject::new, drains::lagMsMax);
  private final Proposals proposals = new Proposals(edge);
  private final List<JsonObject> toldAlarms = new ArrayList<>();
  private final AlarmsHeard alarms = new AlarmsHeard(bus, toldAlarms::add);
  private final AdminGateway gateway = gateway(false);

  private AdminGateway gateway(boolean twoPersons) {
    return new AdminGateway(
        edge,
        new ClusterView(edge, drains),
        new Stats(edge, drains, figures),
        proposals,
        alarms,
        twoPersons);
  }

  // ---- roles

  private Map<String, String> lowestRoles() {
    Map<String, String> lowest = new TreeMap<>();
    for (String address : gateway.addresses()) {
      for (Role role : List.of(Role.ADMIN, Role.OPERATOR, Role.VIEWER)) {
        if (!"forbidden".equals(code(call(role, address, new JsonObject())))) {
          lowest.put(address, role.text());
        }
      }
    }
    return lowest;
  }

  @Test
  void theOperatorsPageListsEveryCommandWithItsRoleAndNoOther() throws Exception {
    Pattern row = Pattern.compile("(?m)^\\| `(admin[^`]+)` \\| (\\w+) \\| [^|]+ \\| [^|]+ \\|$");
    Map<String, String> listed = new TreeMap<>();
    Matcher found = row.matcher(Files.readString(Path.of("../docs/operators.md")));
    while (found.find()) {
      assertThat(listed.put(found.group(1), found.group(2))).as(found.group(1)).isNull();
    }

    assertThat(listed).isEqualTo(lowestRoles());
  }

  @Test
  void everyAddressHasItsRole() {
    assertThat(lowestRoles())
        .isEqualTo(
            Map.ofEntries(
                Map.entry("admin.ping", "viewer"),
                Map.entry("admin.schema", "viewer"),
                Map.entry("admin.stats", "viewer"),
                Map.entry("admin.history", "viewer"),
                Map.entry("admin.pending", "viewer"),
                Map.entry("admin.approve", "admin"),
                Map.entry("admin.item.message", "operator"),
                Map.entry("admin.partition.handover", "operator"),
                Map.entry("admin.session.list", "viewer"),
                Map.entry("admin.report", "viewer"),
                Map.entry("admin.item.get", "viewer"),
                Map.entry("admin.order.get", "viewer"),
                Map.entry("admin.order.list", "viewer"),
                Map.entry("admin.alarms", "viewer"),
                Map.entry("admin.cluster", "viewer"),
                Map.entry("admin.drain", "viewer"),
                Map.entry("admin.audit", "viewer"),
                Map.entry("admin.webhooks", "viewer"),
                Map.entry("admin.webhooks.retry", "operator"),
                Map.entry("admin.session.pause", "operator"),
                Map.entry("admin.session.resume", "operator"),
                Map.entry("admin.item.pause", "operator"),
                Map.entry("admin.item.resume", "operator"),
                Map.entry("admin.item.gate", "operator"),
                Map.entry("admin.item.cooldown", "operator"),
                Map.entry("admin.limits", "viewer"),
                Map.entry("admin.limits.set", "operator"),
                Map.entry("admin.user.block", "operator"),
                Map.entry("admin.user.unblock", "operator"),
                Map.entry("admin.drain.retry", "operator"),
                Map.entry("admin.session.preflight", "viewer"),
                Map.entry("admin.session.export", "viewer"),
                Map.entry("admin.session.change", "admin"),
                Map.entry("admin.session.copy", "admin"),
                Map.entry("admin.session.archive", "admin"),
                Map.entry("admin.session.import", "admin"),
                Map.entry("admin.item.change", "admin"),
                Map.entry("admin.session.create", "admin"),
                Map.entry("admin.session.publish", "admin"),
                Map.entry("admin.item.create", "admin"),
                Map.entry("admin.item.close", "admin"),
                Map.entry("admin.item.stock", "admin")));
  }

  /** So it can do nothing the command line, which takes any address, can't. */
  @Test
  void consoleKnowsNoOtherAddress() throws Exception {
    Pattern named = Pattern.compile("'(admin\\.[a-z.]+)'|\"(admin\\.[a-z.]+)\"");
    Set<String> used = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/console"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".js")).toList()) {
        Matcher found = named.matcher(Files.readString(file));
        while (found.find()) {
          used.add(found.group(1) == null ? found.group(2) : found.group(1));
        }
      }
    }

    assertThat(used).hasSizeGreaterThan(30);
    assertThat(gateway.addresses()).containsAll(used);
  }

  @Test
  void whatIsForbiddenReachesNobody() {
    JsonObject pause = new JsonObject().put("item", "1001");

    assertThat(code(call(Role.VIEWER, "admin.item.pause", pause))).isEqualTo("forbidden");
    assertThat(code(call(Role.OPERATOR, "admin.item.close", pause))).isEqualTo("forbidden");

    assertThat(owners.asked()).isEmpty();
    assertThat(bus.queries).isEmpty();
  }

  @Test
  void unknownAddressIsNamed() {
    assertThat(code(call(Role.ADMIN, "admin.item", null))).isEqualTo("unknown_address");
  }

  // ---- orders, alarms

  @Test
  void ordersAreFoundByUserAndByKey() {
    bus.persist = query -> new JsonObject().put("orders", new JsonArray()).put("asOf", 7);

    JsonObject of = new JsonObject().put("user", "ann").put("item", "1001").put("key", "k-1");
    assertThat(call(Role.VIEWER, "admin.order.list", of.copy()).getLong("asOf")).isEqualTo(7);
    call(Role.VIEWER, "admin.order.list", new JsonObject().put("user", "ann").put("max", 5));

    JsonObject asked = new JsonObject().put("op", "orders").put("user", "ann");
    assertThat(bus.queries)
        .containsExactly(
            asked.copy().put("limit", 100L).put("item", "1001").put("key", "k-1"),
            asked.copy().put("limit", 5L));
    of.remove("item");
    assertThat(field(call(Role.VIEWER, "admin.order.list", of))).isEqualTo("item");
    assertThat(field(call(Role.VIEWER, "admin.order.list", null))).isEqualTo("user");
  }

  @Test
  void lastAlarmsAreKeptAndNoMore() {
    alarms.start();
    bus.deliver(Addresses.ALARMS, "no alarm");
    for (int i = 0; i < AlarmsHeard.KEPT_MAX + 5; i++) {
      bus.deliver(
          Addresses.ALARMS, "{\"node\":\"sale-1\",\"code\":\"journal.gap\",\"at\":" + i + "}");
    }

    JsonArray kept = call(Role.VIEWER, "admin.alarms", null).getJsonArray("alarms");
    assertThat(kept).hasSize(AlarmsHeard.KEPT_MAX);
    assertThat(kept.getJsonObject(0).getInteger("at")).isEqualTo(AlarmsHeard.KEPT_MAX + 4);
    assertThat(toldAlarms).hasSize(AlarmsHeard.KEPT_MAX + 5);
  }

  // ---- steering

  @Test
  void itemIsSteeredByItsOwnerInTheOperatorsName() {
    owners.script = (p, c) -> STEERED;

    JsonObject reply =
        call(
            Role.OPERATOR,
            "admin.item.pause",
            new JsonObject().put("item", "1001").put("reason", "fraud").put("key", "c-1"));

    assertThat(reply)
        .isEqualTo(
            new JsonObject()
                .put("item", "1001")
                .put("partition", HOME)
                .put("position", 9)
                .put("before", new JsonObject().put("state", "open"))
                .put("after", new JsonObject().put("state", "paused")));
    Warrant warrant = new Warrant("ann", "fraud", Bytes.of("c-1"), true);
    assertThat(owners.asked())
        .containsExactly(
            new ScriptedOwners.Asked(
                HOME, new Steer(Steering.PAUSE_ITEM, 1001, 0, Bytes.EMPTY, warrant)));
  }

  @ParameterizedTest
  @CsvSource({
    "admin.item.resume,RESUME_ITEM,0",
    "admin.item.close,CLOSE_ITEM,0",
    "admin.item.stock,ADD_STOCK,25",
    "admin.item.gate,SET_GATE,123457",
    "admin.item.cooldown,SET_COOLDOWN,7000"
  })
  void everySteeringOfAnItemIsItsOwn(String address, Steering steering, long value) {
    owners.script = (p, c) -> STEERED;

    call(
        Role.ADMIN,
        address,
        new JsonObject()
            .put("item", "1001")
            .put("add", 25)
            .put("gate", 0.1234567)
            .put("cooldownMs", 7_000));

    Steer steer = (Steer) owners.asked().get(0).command();
    assertThat(steer.steering()).isEqualTo(steering);
    assertThat(steer.value()).isEqualTo(value);
  }

  @Test
  void sessionIsSteeredInEveryPartitionAndTheSilentOnesAreNamed() {
    owners.script =
        (p, c) ->
            p == 0
                ? STEERED
                : p == 1
                    ? new Reply.Refused(3, "unknown_session", "none here")
                    : p == 2 ? new Owners.Busy("no_owner", 500) : null;

    Future<JsonObject> reply =
        gateway.call(
            operator(Role.OPERATOR), "admin.session.pause", new JsonObject().put("session", "12"));
    timers.advance(9_999);
    assertThat(reply.isComplete()).isFalse();
    timers.advance(1);

    JsonArray missing = reply.result().getJsonArray("missing");
    assertThat(owners.asked()).hasSize(ScriptedOwners.PARTITIONS);
    assertThat(reply.result().getJsonArray("steered")).hasSize(1);
    assertThat(missing.getJsonObject(0).getInteger("partition")).isEqualTo(2);
    assertThat(missing.getJsonObject(0).getString("code")).isEqualTo("no_owner");
    assertThat(missing.getJsonObject(1).getInteger("partition")).isEqualTo(3);
    assertThat(missing.getJsonObject(1).getString("code")).isEqualTo("unresolved");
    assertThat(missing).hasSize(2);
  }

  @Test
  void sessionNobodyKnowsIsUnknown() {
    owners.script = (p, c) -> new Reply.Refused(3, "unknown_session", "none here");

    JsonObject reply =
        call(Role.OPERATOR, "admin.session.resume", new JsonObject().put("session", "12"));

    assertThat(code(reply)).isEqualTo("unknown_session");
  }

  @Test
  void limitsAreListedAsThisEdgeHasThem() {
    edge.limits().hear(List.of(new Hint.Limit(EdgeLimit.USER_BURST.code(), 7)));

    JsonArray limits = call(Role.VIEWER, "admin.limits", new JsonObject()).getJsonArray("limits");

    assertThat(limits).hasSize(EdgeLimit.values().length);
    assertThat(limits.getJsonObject(EdgeLimit.USER_BURST.ordinal()))
        .isEqualTo(
            new JsonObject()
                .put("limit", "userBurst")
                .put("config", 50L)
                .put("live", 7L)
                .put("now", 7L)
                .put("min", 1L)
                .put("max", 1_000_000L));
    assertThat(limits.getJsonObject(0).getValue("live")).isNull();
  }

  @ParameterizedTest
  @CsvSource({"12,12", "'\"default\"',-1"})
  void aLimitIsSetByOneOwnerForAllEdges(String value, long sent) {
    owners.script = (p, c) -> STEERED;

    JsonObject reply =
        call(
            Role.OPERATOR,
            "admin.limits.set",
            new JsonObject("{\"limit\":\"userBurst\",\"value\":" + value + "}"));

    assertThat(reply.getString("limit")).isEqualTo("userBurst");
    assertThat(owners.asked()).hasSize(1);
    assertThat(owners.asked().get(0).partition()).isEqualTo(PartitionMap.LIMITS_PARTITION);
    Steer steer = (Steer) owners.asked().get(0).command();
    assertThat(steer.steering()).isEqualTo(Steering.SET_LIMIT);
    assertThat(steer.subject()).isEqualTo(EdgeLimit.USER_BURST.code());
    assertThat(steer.value()).isEqualTo(sent);
  }

  @Test
  void blockGoesEverywhereAndIsAuditedOnce() {
    owners.script = (p, c) -> STEERED;

    call(Role.OPERATOR, "admin.user.block", new JsonObject().put("user", "ü1"));

    List<Steer> steers = owners.asked().stream().map(a -> (Steer) a.command()).toList();
    assertThat(steers).hasSize(ScriptedOwners.PARTITIONS);
    assertThat(steers).allMatch(s -> s.user().equals(Bytes.of("ü1")) && s.subject() == 0);
    assertThat(steers.stream().filter(s -> s.warrant().audited())).hasSize(1);
  }

  @Test
  void refusalOfTheOwnerIsPassedOn() {
    owners.script = (p, c) -> new Reply.Refused(3, "item_ended", "it is over");

    JsonObject reply =
        call(Role.ADMIN, "admin.item.stock", new JsonObject().put("item", "1001").put("add", 1));

    assertThat(reply)
        .isEqualTo(
            new JsonObject()
                .put(
                    "error",
                    new JsonObject().put("code", "item_ended").put("detail", "it is over")));
  }

  // ---- publishing

  /** All owners serve, and their nodes have measured what a command costs. */
  private void everythingIsUp() {
    for (int p = 0; p < ScriptedOwners.PARTITIONS; p++) {
      seen.add(new OwnerSeen(p, "sale-1", "sale.sale-1.1", 1, 5, 0, true, "serving", 10));
    }
    bus.conditions.put(
        "sale.sale-1.1.condition",
        JsonObject.of("commands", 10_000, "busyNanos", 100_000_000L, "settingsUnchecked", false));
  }

  private static JsonObject clockOr(JsonObject query, JsonObject otherwise) {
    return query.getString("op").equals("clock") ? JsonObject.of("now", NOW_MS + 30) : otherwise;
  }

  private static Map<String, String> lights(JsonObject reply) {
    Map<String, String> lights = new LinkedHashMap<>();
    for (Object each : reply.getJsonArray("lines")) {
      JsonObject line = (JsonObject) each;
      lights.put(line.getString("name"), line.getString("light"));
      assertThat(line.getString("found")).isNotBlank();
      assertThat(line.getString("wanted")).isNotBlank();
      assertThat(line.getString("todo").isEmpty())
          .as("a green line leaves nothing to do, another says what")
          .isEqualTo(line.getString("light").equals("green"));
    }
    return lights;
  }

  private JsonObject preflight(JsonObject body) {
    return call(Role.VIEWER, "admin.session.preflight", body.put("session", "12"));
  }

  @Test
  void preflightOfAHealthyClusterIsGreen() {
    everythingIsUp();
    JsonObject draft = session(item("1001"), item("1002")).put("opensAt", 6_000);
    bus.persist = query -> clockOr(query, new JsonObject().put("session", draft));

    JsonObject reply = preflight(new JsonObject());

    assertThat(reply.getBoolean("green")).isTrue();
    assertThat(lights(reply).keySet())
        .containsExactly(
            "window", "stock", "owners", "clocks", "redis", "mysql", "pages", "capacity");
    assertThat(lights(reply).values()).containsOnly("green");
    assertThat(reply.getJsonArray("lines").getJsonObject(7).getString("found"))
        .startsWith("at most 100,000 shakes a second on 1 node,");
    assertThat(preflight(new JsonObject().put("expectedPerSecond", 100_001)).getBoolean("green"))
        .isFalse();
  }

  @Test
  void preflightSaysWhatIsNotKnownInYellow() {
    everythingIsUp();
    bus.conditions.clear();
    bus.persist = query -> new JsonObject().put("session", session(item("1001")));

    JsonObject reply = preflight(new JsonObject());

    assertThat(reply.getBoolean("green")).isTrue();
    assertThat(lights(reply))
        .containsEntry("window", "yellow")
        .containsEntry("clocks", "yellow")
        .containsEntry("redis", "yellow")
        .containsEntry("capacity", "yellow");
    bus.conditions.put(
        "sale.sale-1.1.condition",
        JsonObject.of("commands", 999, "busyNanos", 1L, "settingsUnchecked", true));
    JsonArray lines = preflight(new JsonObject()).getJsonArray("lines");
    assertThat(lines.encode())
        .contains("settingsUnchecked is allowed on sale-1")
        .contains("unknown: sale-1 has measured 999 commands so far");
  }

  @Test
  void preflightIsRedForWhatMustNotBe() {
    seen.add(new OwnerSeen(HOME, "sale-1", "sale.sale-1.1", 1, 5, 0, true, "serving", 3_600));
    bus.persist =
        query ->
            query.getString("op").equals("clock")
                ? null
                : new JsonObject()
                    .put(
                        "session",
                        session(item("1001").put("stock", 0).put("releases", new JsonArray())));

    assertThat(lights(preflight(new JsonObject())))
        .containsEntry("owners", "red")
        .containsEntry("stock", "red")
        .containsEntry("mysql", "red");
    bus.persist =
        query ->
            query.getString("op").equals("clock")
                ? JsonObject.of("now", NOW_MS + 2_001)
                : new JsonObject().put("session", session(item("1001")).put("closesAt", 4_000));
    everythingIsUp();
    assertThat(lights(preflight(new JsonObject())))
        .containsEntry("clocks", "red")
        .containsEntry("window", "red")
        .containsEntry("mysql", "green");
  }

  @Test
  void whatIsRedIsNotPublishedUnlessForcedAndThatIsKept() {
    everythingIsUp();
    bus.persist =
        query ->
            clockOr(
                query,
                new JsonObject()
                    .put("session", session(item("1001").put("stock", 0)).put("closesAt", 4_000)));
    owners.script = (p, c) -> STEERED;
    JsonObject body = new JsonObject().put("session", "12");

    JsonObject refused = call(Role.ADMIN, "admin.session.publish", body);

    assertThat(code(refused)).isEqualTo("preflight_red");
    assertThat(refused.getJsonObject("error").getString("detail")).startsWith("red: window;");
    assertThat(lights(refused.getJsonObject("error"))).containsEntry("window", "red");
    assertThat(owners.asked()).isEmpty();

    call(Role.ADMIN, "admin.session.publish", body.copy().put("force", "a drill"));

    Publish publish = (Publish) owners.asked().get(0).command();
    assertThat(publish.warrant().reason()).isEqualTo("a drill");
    JsonObject marked = bus.queries.get(bus.queries.size() - 1);
    assertThat(marked.getString("op")).isEqualTo("session.published");
    assertThat(marked.getString("reason")).isEqualTo("a drill");
    assertThat(marked.getJsonArray("forced")).isEqualTo(JsonArray.of("window"));
  }

  @Test
  void publishWaitsAMomentForOwnersThatAreComing() {
    bus.persist = query -> clockOr(query, new JsonObject().put("session", session(item("1001"))));
    owners.script = (p, c) -> STEERED;
    JsonObject body = new JsonObject().put("session", "12");

    Future<JsonObject> served = gateway.call(operator(Role.ADMIN), "admin.session.publish", body);
    timers.advance(1_000);
    assertThat(served.isComplete()).isFalse();
    everythingIsUp();
    timers.advance(1_000);
    assertThat(served.result().getJsonArray("published")).isEqualTo(JsonArray.of("1001"));

    seen.clear();
    Future<JsonObject> alone = gateway.call(operator(Role.ADMIN), "admin.session.publish", body);
    for (int i = 0; i < 50; i++) {
      timers.advance(200);
    }
    assertThat(code(alone.result())).isEqualTo("preflight_red");
  }

  @Test
  void publishNamesTheItemsThatAreMissingAndListsTheRest() {
    everythingIsUp();
    bus.persist =
        query ->
            query.getString("op").equals("session.get")
                ? new JsonObject().put("session", session(item("1001"), item("1002"), item("x")))
                : new JsonObject().put("status", "published");
    owners.script =
        (p, c) ->
            ((Publish) c).item().item() == 1002
                ? new Reply.Refused(3, "too_many_events", "partition is full")
                : STEERED;

    JsonObject reply =
        call(
            Role.ADMIN,
            "admin.session.publish",
            new JsonObject().put("session", "12").put("key", "k").put("reason", "go"));

    assertThat(reply.getString("session")).isEqualTo("12");
    assertThat(reply.getJsonArray("published")).isEqualTo(JsonArray.of("1001"));
    JsonArray missing = reply.getJsonArray("missing");
    assertThat(missing.getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("item", "1002")
                .put("code", "too_many_events")
                .put("detail", "partition is full"));
    assertThat(missing.getJsonObject(1).getString("item")).isEqualTo("x");
    assertThat(missing.getJsonObject(1).getString("code")).isEqualTo("invalid");
    assertThat(bus.queries.get(bus.queries.size() - 1))
        .isEqualTo(
            new JsonObject()
                .put("op", "session.published")
                .put("session", "12")
                .put("by", "ann")
                .put("reason", "go")
                .put("key", "k")
                .put("opensAt", 1_000L)
                .put("closesAt", 9_000L)
                .put("claimWithinSeconds", 0L));
  }

  @Test
  void theCatalogueKeepsWhatOwnersWereToldThoughTheDraftChangesMeanwhile() {
    everythingIsUp();
    JsonObject draft = session(item("1001"), item("1002")).put("claimWithinSeconds", 60);
    bus.persist = query -> clockOr(query, new JsonObject().put("session", draft.copy()));
    owners.script =
        (p, c) -> {
          draft.put("opensAt", 2_000).put("closesAt", 8_000).put("claimWithinSeconds", 0);
          return STEERED;
        };
    JsonObject body = new JsonObject().put("session", "12");

    call(Role.ADMIN, "admin.session.publish", body);

    for (ScriptedOwners.Asked asked : owners.asked()) {
      SaleItem told = ((Publish) asked.command()).item();
      assertThat(List.of(told.opensAt(), told.closesAt(), told.claimWithinMs()))
          .containsExactly(1_000L, 9_000L, 60_000L);
    }
    assertThat(bus.queries.get(bus.queries.size() - 1).getMap())
        .containsEntry("opensAt", 1_000)
        .containsEntry("closesAt", 9_000)
        .containsEntry("claimWithinSeconds", 60);
  }

  @Test
  void itemsThatWereMissingFollowThoseAnOwnerHas() {
    everythingIsUp();
    JsonObject taken = item("1001").put("published", true).put("opensAt", 3_000);
    taken.put("closesAt", 7_000).put("claimWithinSeconds", 90);
    JsonObject draft = session(item("1002"), taken).put("closesAt", 8_000);
    bus.persist = query -> clockOr(query, new JsonObject().put("session", draft));
    owners.script = (p, c) -> STEERED;

    call(Role.ADMIN, "admin.session.publish", new JsonObject().put("session", "12"));

    assertThat(owners.asked())
        .extracting(asked -> ((Publish) asked.command()).item().closesAt())
        .containsExactly(7_000L, 7_000L);
    assertThat(bus.queries.get(bus.queries.size() - 1).getMap())
        .containsEntry("opensAt", 3_000)
        .containsEntry("claimWithinSeconds", 90);
  }

  @Test
  void publishedItemIsTheDraftInTheOwnersUnits() {
    everythingIsUp();
    bus.persist = query -> new JsonObject().put("session", session(item("1001")));
    owners.script = (p, c) -> STEERED;

    call(Role.ADMIN, "admin.session.publish", new JsonObject().put("session", "12"));

    ScriptedOwners.Asked asked = owners.asked().get(0);
    Publish publish = (Publish) asked.command();
    assertThat(asked.partition()).isEqualTo(HOME);
    assertThat(publish.item().session()).isEqualTo(12);
    assertThat(publish.item().opensAt()).isEqualTo(1_000);
    assertThat(publish.item().payWithinMs()).isEqualTo(900_000);
    assertThat(publish.item().gate()).isEqualTo(250_000);
    assertThat(publish.item().stockWithReleases()).isEqualTo(15);
    assertThat(publish.warrant().key()).isEqualTo(Bytes.EMPTY);
  }

  @Test
  void sessionWithNothingOnSaleIsNotListed() {
    everythingIsUp();
    bus.persist = query -> new JsonObject().put("session", session(item("1001")));
    owners.script = (p, c) -> new Owners.Busy("no_owner", 100);

    JsonObject reply =
        call(Role.ADMIN, "admin.session.publish", new JsonObject().put("session", "12"));

    assertThat(reply.getJsonArray("published")).isEmpty();
    assertThat(reply.getJsonArray("missing")).hasSize(1);
    assertThat(bus.queries).noneMatch(query -> query.getString("op").contains("published"));
  }

  @Test
  void publishSaysSoWhenTheCatalogueIsGoneAfterwards() {
    everythingIsUp();
    bus.persist =
        query ->
            query.getString("op").equals("session.get")
                ? new JsonObject().put("session", session(item("1001")))
                : clockOr(query, null);
    owners.script = (p, c) -> STEERED;

    JsonObject reply =
        call(Role.ADMIN, "admin.session.publish", new JsonObject().put("session", "12"));

    assertThat(code(reply)).isEqualTo("catalogue_unavailable");
    assertThat(reply.getJsonObject("error").getString("detail"))
        .startsWith("1 items are on sale")
        .endsWith("publish it again");
  }

  @Test
  void emptyAndUnknownSessionsAreNotPublished() {
    bus.persist = query -> new JsonObject().put("session", session());
    assertThat(
            code(call(Role.ADMIN, "admin.session.publish", new JsonObject().put("session", "1"))))
        .isEqualTo("no_items");

    bus.persist = query -> AdminGateway.error("not_found", "no such session");
    assertThat(
            code(call(Role.ADMIN, "admin.session.publish", new JsonObject().put("session", "1"))))
        .isEqualTo("unknown_session");
  }

  // ---- the catalogue

  @Test
  void sessionsAreListedWithWhatTheyAndTheirItemsAreDoing() {
    JsonObject open = session(item("1001"), item("1002"), item("1003")).put("status", "published");
    JsonObject waiting = session(item("1004")).put("status", "published");
    JsonObject draft = session(item("1005")).put("status", "draft");
    bus.persist =
        query -> new JsonObject().put("sessions", JsonArray.of(open, waiting, draft).copy());
    shop.states.put("1001", ItemState.SOLD_OUT);
    shop.states.put("1002", ItemState.PAUSED);
    shop.states.put("1004", ItemState.SCHEDULED);

    assertThat(states()).containsExactly("open", "scheduled", "draft");
    shop.warm = true;
    assertThat(states()).containsExactly("open", "warm", "draft");
    shop.states.put("1001", ItemState.ENDED);
    assertThat(states()).containsExactly("paused", "warm", "draft");
    shop.states.put("1002", ItemState.ENDED);
    assertThat(states()).containsExactly("ended", "warm", "draft");
    draft.put("status", "archived");
    assertThat(states()).containsExactly("ended", "warm", "archived");
    JsonObject first =
        call(Role.VIEWER, "admin.session.list", null).getJsonArray("sessions").getJsonObject(0);
    assertThat(first.getJsonArray("items").stream().map(i -> ((JsonObject) i).getString("state")))
        .containsExactly("ended", "ended", "draft");
  }

  private List<String> states() {
    return call(Role.VIEWER, "admin.session.list", null).getJsonArray("sessions").stream()
        .map(session -> ((JsonObject) session).getString("state"))
        .toList();
  }

  @Test
  void anItemChangesOnlyAsLongAsNoOwnerHasIt() {
    bus.persist = query -> new JsonObject().put("item", "1001");
    owners.script = (p, c) -> new Reply.Refused(3, "unknown_item", "not here");
    JsonObject body = new JsonObject().put("item", "1001").put("price", 5).put("key", "k");

    assertThat(call(Role.ADMIN, "admin.item.change", body).getString("item")).isEqualTo("1001");

    assertThat(bus.queries)
        .containsExactly(
            new JsonObject()
                .put("op", "item.change")
                .put("by", "ann")
                .put("key", "k")
                .put("item", "1001")
                .put("price", 5));
    owners.script = (p, c) -> itemIs(ItemState.SCHEDULED, 0);
    assertThat(code(call(Role.ADMIN, "admin.item.change", body))).isEqualTo("published");
    assertThat(code(call(Role.ADMIN, "admin.item.change", new JsonObject().put("item", "1001"))))
        .isEqualTo("invalid");
  }

  @Test
  void onlyASessionThatHasEndedEverywhereIsArchived() {
    bus.persist =
        query ->
            new JsonObject()
                .put("session", session(item("1001"), item("1002")).put("status", "published"));
    JsonObject body = new JsonObject().put("session", "12");

    owners.script = (p, c) -> itemIs(ItemState.OPEN, 0);
    assertThat(code(call(Role.ADMIN, "admin.session.archive", body))).isEqualTo("not_ended");
    owners.script = (p, c) -> itemIs(ItemState.ENDED, 2);
    assertThat(code(call(Role.ADMIN, "admin.session.archive", body))).isEqualTo("orders_held");
    assertThat(bus.queries).noneMatch(query -> query.getString("op").equals("session.archive"));
    assertThat(owners.asked()).noneMatch(asked -> asked.command() instanceof Command.Archive);

    owners.script = (p, c) -> c instanceof Command.Archive ? STEERED : itemIs(ItemState.ENDED, 0);
    JsonObject reply = call(Role.ADMIN, "admin.session.archive", body);
    assertThat(code(reply)).isNull();
    assertThat(reply.getJsonArray("archived")).containsExactly("1001", "1002");
    assertThat(reply.getJsonArray("missing")).isEmpty();
    assertThat(bus.queries.get(bus.queries.size() - 1).getString("op"))
        .isEqualTo("session.archive");
  }

  @Test
  void anOwnerThatIsAwayIsNamedAndMissesNothingForGood() {
    long other = 1002;
    while (PartitionMap.partitionOfItem(other, ScriptedOwners.PARTITIONS) == HOME) {
      other++;
    }
    String elsewhere = Long.toString(other);
    bus.persist =
        query ->
            new JsonObject()
                .put("session", session(item("1001"), item(elsewhere)).put("status", "published"));
    JsonObject body = new JsonObject().put("session", "12").put("force", "tidy up");
    owners.script =
        (p, c) ->
            p != HOME
                ? new Owners.Busy("no_owner", 100)
                : c instanceof Command.Archive ? STEERED : itemIs(ItemState.ENDED, 0);

    JsonObject reply = call(Role.ADMIN, "admin.session.archive", body);

    assertThat(reply.getJsonArray("archived")).containsExactly("1001");
    assertThat(reply.getJsonArray("missing").getJsonObject(0).getString("item"))
        .isEqualTo(elsewhere);
    assertThat(reply.getJsonArray("missing").getJsonObject(0).getString("code"))
        .isEqualTo("no_owner");
    assertThat(bus.queries).noneMatch(query -> query.getString("op").equals("session.archive"));
    assertThat(owners.asked())
        .contains(new ScriptedOwners.Asked(HOME, new Command.Archive(12, true)));
  }

  @Test
  void anArchiveThatIsTooEarlyIsRefusedUntilItIsForced() {
    bus.persist =
        query -> new JsonObject().put("session", session(item("1001")).put("status", "published"));
    owners.script =
        (p, c) ->
            c instanceof Command.Archive archive
                ? archive.early() ? STEERED : new Reply.Refused(9, "too_early", "until 99")
                : itemIs(ItemState.ENDED, 0);
    JsonObject body = new JsonObject().put("session", "12");

    assertThat(code(call(Role.ADMIN, "admin.session.archive", body))).isEqualTo("too_early");
    assertThat(bus.queries).noneMatch(query -> query.getString("op").equals("session.archive"));

    call(Role.ADMIN, "admin.session.archive", body.copy().put("force", "the shop is closed"));
    assertThat(bus.queries.get(bus.queries.size() - 1).getString("reason"))
        .isEqualTo("the shop is closed");
  }

  private static Reply itemIs(ItemState state, long held) {
    SaleItem item =
        new SaleItem(
            1001, 12, "t", 1, 2, "CNY", 1_000, 9_000, 10, 1, 1_000, 0, 1_000_000, List.of());
    return new Reply.ItemIs(
        9, NOW_MS, item, state, StockLevel.NONE, 0, held, 10 - held, 10, 1_000_000, 0, 0);
  }

  @Test
  void whatIsWrongWithASheetIsToldByLine() {
    JsonArray lines = JsonArray.of(JsonObject.of("line", 3, "field", "price", "problem", "x"));
    bus.persist =
        query ->
            JsonObject.of(
                "error", JsonObject.of("code", "invalid_csv", "detail", "1 wrong", "lines", lines));

    JsonObject reply = call(Role.ADMIN, "admin.session.import", new JsonObject().put("csv", "a,b"));

    assertThat(code(reply)).isEqualTo("invalid_csv");
    assertThat(reply.getJsonObject("error").getJsonArray("lines")).isEqualTo(lines);
  }

  @Test
  void localTimesAreHandedToWhoKnowsTheZone() {
    bus.persist = query -> new JsonObject().put("session", "12");

    call(
        Role.ADMIN,
        "admin.session.create",
        new JsonObject()
            .put("title", "t")
            .put("opensAt", "2026-11-29T10:00")
            .put("closesAt", "2026-11-29T12:00")
            .put("label", "super")
            .put("limitPerSession", 3));

    assertThat(bus.queries)
        .containsExactly(
            new JsonObject()
                .put("op", "session.create")
                .put("by", "ann")
                .put("title", "t")
                .put("opensAt", "2026-11-29T10:00")
                .put("closesAt", "2026-11-29T12:00")
                .put("label", "super")
                .put("limitPerSession", 3));
  }

  @Test
  void draftsAreCreatedWithTheOperatorsName() {
    bus.persist = query -> new JsonObject().put("session", "12");

    JsonObject reply =
        call(
            Role.ADMIN,
            "admin.session.create",
            new JsonObject()
                .put("title", "Ten o'clock")
                .put("opensAt", 1_000)
                .put("closesAt", 2_000)
                .put("zone", "Asia/Shanghai")
                .put("key", "s-1"));

    assertThat(reply).isEqualTo(new JsonObject().put("session", "12"));
    assertThat(bus.queries.get(0))
        .isEqualTo(
            new JsonObject()
                .put("op", "session.create")
                .put("by", "ann")
                .put("key", "s-1")
                .put("title", "Ten o'clock")
                .put("opensAt", 1_000)
                .put("closesAt", 2_000)
                .put("zone", "Asia/Shanghai"));
  }

  @Test
  void whoSignsInAfterTheShakeHasAMinuteOrWhatTheOperatorSays() {
    bus.persist = query -> new JsonObject().put("session", "12");
    JsonObject session =
        new JsonObject().put("title", "t").put("opensAt", 1_000).put("closesAt", 2_000);

    call(Role.ADMIN, "admin.session.create", session.copy().put("login", "after"));
    JsonObject within = session.copy().put("login", "after").put("claimWithinSeconds", 90);
    call(Role.ADMIN, "admin.session.create", within);
    call(Role.ADMIN, "admin.session.create", session.copy().put("login", "before"));

    assertThat(bus.queries)
        .extracting(query -> query.getLong("claimWithinSeconds"))
        .containsExactly(60L, 90L, null);
    for (JsonObject wrong :
        List.of(
            session.copy().put("login", "later"),
            session.copy().put("login", "after").put("claimWithinSeconds", 0),
            session.copy().put("login", "after").put("claimWithinSeconds", 86_401),
            session.copy().put("claimWithinSeconds", 60))) {
      JsonObject reply = call(Role.ADMIN, "admin.session.create", wrong);
      assertThat(reply.getJsonObject("error").getString("code"))
          .as("%s", wrong)
          .isEqualTo("invalid");
    }
    assertThat(bus.queries).hasSize(3);
  }

  @Test
  void howShoppersSignInIsChangedByEitherName() {
    bus.persist = query -> new JsonObject().put("session", "12");
    JsonObject session = new JsonObject().put("session", "12");

    call(Role.ADMIN, "admin.session.change", session.copy().put("login", "after"));
    call(Role.ADMIN, "admin.session.change", session.copy().put("login", "before"));
    call(Role.ADMIN, "admin.session.change", session.copy().put("claimWithinSeconds", 90));
    JsonObject reply =
        call(Role.ADMIN, "admin.session.change", session.copy().put("login", "never"));

    assertThat(bus.queries)
        .extracting(query -> query.getLong("claimWithinSeconds"))
        .containsExactly(60L, 0L, 90L);
    assertThat(bus.queries).noneMatch(query -> query.containsKey("login"));
    assertThat(code(reply)).isEqualTo("invalid");
  }

  @Test
  void whatAnItemLeavesOutHasADefault() {
    bus.persist = query -> new JsonObject().put("item", "1001").put("partition", 3);

    call(
        Role.ADMIN,
        "admin.item.create",
        new JsonObject()
            .put("session", "12")
            .put("title", "Phone")
            .put("price", 9_900)
            .put("currency", "CNY")
            .put("stock", 0)
            .put("releases", JsonArray.of(new JsonObject().put("at", 5).put("units", 6))));

    assertThat(bus.queries.get(0))
        .isEqualTo(
            new JsonObject()
                .put("op", "item.create")
                .put("by", "ann")
                .put("session", "12")
                .put("title", "Phone")
                .put("price", 9_900)
                .put("listPrice", 9_900)
                .put("currency", "CNY")
                .put("stock", 0)
                .put("limitPerUser", 1)
                .put("payWithinSeconds", 900)
                .put("cooldownMs", 0)
                .put("gate", 1.0)
                .put("releases", JsonArray.of(new JsonObject().put("at", 5).put("units", 6))));
  }

  @Test
  void readsOfTheCatalogueAreHandedThrough() {
    bus.persist = query -> new JsonObject().put("entries", new JsonArray());

    assertThat(call(Role.VIEWER, "admin.audit", new JsonObject().put("after", "7")))
        .isEqualTo(new JsonObject().put("entries", new JsonArray()));
    call(Role.VIEWER, "admin.session.list", new JsonObject().put("from", 1).put("to", 2));

    assertThat(bus.queries)
        .containsExactly(
            new JsonObject().put("op", "audit").put("after", "7").put("max", 100),
            new JsonObject().put("op", "session.list").put("from", 1).put("to", 2));
  }

  @Test
  void silentCatalogueIsUnavailable() {
    assertThat(code(call(Role.VIEWER, "admin.session.list", null)))
        .isEqualTo("catalogue_unavailable");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "admin.item.pause;{};item",
        "admin.item.pause;{\"item\":1001};item",
        "admin.item.pause;{\"item\":\"01\"};item",
        "admin.item.pause;{\"item\":\"1001\",\"reason\":5};reason",
        "admin.item.pause;{\"item\":\"1001\",\"key\":\"  \"};key",
        "admin.item.stock;{\"item\":\"1001\"};add",
        "admin.item.stock;{\"item\":\"1001\",\"add\":0};add",
        "admin.item.stock;{\"item\":\"1001\",\"add\":1.5};add",
        "admin.item.stock;{\"item\":\"1001\",\"add\":99999999999999999999};add",
        "admin.item.gate;{\"item\":\"1001\",\"gate\":1.01};gate",
        "admin.item.cooldown;{\"item\":\"1001\",\"cooldownMs\":3600001};cooldownMs",
        "admin.item.cooldown;{\"item\":\"1001\"};cooldownMs",
        "admin.limits.set;{\"limit\":\"userBursts\",\"value\":1};limit",
        "admin.limits.set;{\"limit\":\"userBurst\",\"value\":0};value",
        "admin.limits.set;{\"limit\":\"userBurst\",\"value\":\"none\"};value",
        "admin.item.gate;{\"item\":\"1001\",\"gate\":\"1\"};gate",
        "admin.session.pause;{\"session\":null};session",
        "admin.user.block;{\"user\":\"\"};user",
        "admin.order.get;{\"order\":\"-5\"};order",
        "admin.drain.retry;{\"partition\":4};partition",
        "admin.drain.retry;{\"partition\":\"1\"};partition",
        "admin.audit;{\"max\":0};max",
        "admin.session.create;{\"opensAt\":1,\"closesAt\":2};title",
        "admin.session.create;{\"title\":\"t\",\"opensAt\":2,\"closesAt\":2};closesAt",
        "admin.session.create;{\"title\":\"t\",\"opensAt\":\"1\",\"closesAt\":2};opensAt",
        "admin.session.create;{\"title\":\"t\",\"opensAt\":1,\"closesAt\":2,\"zone\":\"Mars\"};zone",
        "admin.item.create;{\"session\":\"1\",\"title\":\"t\"};price",
        "admin.item.create;{\"session\":\"1\",\"title\":\"t\",\"price\":1,\"currency\":\"yuan\"};currency",
        "admin.item.create;{\"session\":\"1\",\"title\":\"t\",\"price\":1,\"currency\":\"CNY\",\"stock\":0};stock",
        "admin.item.create;{\"session\":\"1\",\"title\":\"t\",\"price\":1,\"releases\":[5]};releases",
        "admin.item.create;{\"session\":\"1\",\"title\":\"t\",\"price\":1,\"releases\":[{\"at\":1}]};units",
      })
  void badFieldIsNamedAndNothingIsDone(String address, String body, String field) {
    JsonObject reply = call(Role.ADMIN, address, new JsonObject(body));

    assertThat(code(reply)).isEqualTo("invalid");
    assertThat(reply.getJsonObject("error").getString("field")).isEqualTo(field);
    assertThat(owners.asked()).isEmpty();
    assertThat(bus.queries).isEmpty();
    assertThat(bus.published).isEmpty();
  }

  // ---- reads of the present

  @Test
  void itemShowsItsBooks() {
    owners.script = (p, c) -> ScriptedOwners.item(1001);

    JsonObject item = call(Role.VIEWER, "admin.item.get", new JsonObject().put("item", "1001"));

    assertThat(item.getMap())
        .containsEntry("item", "1001")
        .containsEntry("session", "12")
        .containsEntry("partition", HOME)
        .containsEntry("state", "open")
        .containsEntry("available", 3)
        .containsEntry("held", 4)
        .containsEntry("sold", 493)
        .containsEntry("stock", 500)
        .containsEntry("gate", 0.25)
        .containsEntry("position", 77);
  }

  @Test
  void orderOfAnybodyComesFromTheOwnerThenFromTheCatalogue() {
    long order = ScriptedOwners.orderIn(1);
    JsonObject body = new JsonObject().put("order", Long.toString(order));
    owners.script =
        (p, c) -> new Reply.OrderIs(50, ScriptedOwners.order(order, "u1", OrderStatus.HELD));
    JsonObject live = call(Role.VIEWER, "admin.order.get", body);

    owners.script = (p, c) -> ScriptedOwners.UNKNOWN_ORDER;
    bus.persist =
        query -> new JsonObject().put("order", new JsonObject().put("user", "u1")).put("asOf", 3);
    JsonObject drained = call(Role.VIEWER, "admin.order.get", body);

    assertThat(live.getString("user")).isEqualTo("u1");
    assertThat(live.getLong("position")).isEqualTo(42);
    assertThat(owners.asked().get(0).command())
        .isEqualTo(new Command.FindOrder(order, Bytes.EMPTY));
    assertThat(drained).isEqualTo(new JsonObject().put("user", "u1").put("asOf", 3));
  }

  @Test
  void clusterShowsOwnersDrainsAndWhetherAllIsServed() {
    drains.start();
    tellDrains(
        new DrainStatus(1, 8, 9, Mode.OK, "", 0, 12), new DrainStatus(99, 8, 9, Mode.OK, "", 0, 0));
    assertThatThrownBy(() -> bus.deliver("stampede.drain", "no news"))
        .isInstanceOf(CorruptRecord.class);
    assertThatThrownBy(() -> bus.deliver("stampede.reconcile", "no news"))
        .isInstanceOf(CorruptRecord.class);
    seen.add(owner(0, true, 100));
    seen.add(owner(1, true, 100));
    seen.add(owner(2, false, 100));
    seen.add(owner(3, true, 60_000));

    JsonObject cluster = call(Role.VIEWER, "admin.cluster", null);

    JsonArray partitions = cluster.getJsonArray("partitions");
    assertThat(cluster.getBoolean("safe")).isFalse();
    assertThat(partitions.stream().map(p -> ((JsonObject) p).getString("status")))
        .containsExactly("serving", "serving", "replaying", "silent");
    assertThat(partitions.getJsonObject(1))
        .isEqualTo(
            new JsonObject()
                .put("partition", 1)
                .put("owner", "sale-1")
                .put("epoch", 3)
                .put("position", 10)
                .put("stateHash", "000000000000abcd")
                .put("drained", 8)
                .put("lagMs", 12)
                .put("drainStatus", "ok")
                .put("status", "serving")
                .put("ageMs", 100));
    assertThat(cluster.getJsonArray("members"))
        .isEqualTo(
            JsonArray.of(
                new JsonObject()
                    .put("name", "edge-1")
                    .put("kind", "edge")
                    .put("pid", 4711)
                    .put("address", "127.0.0.1:8080"),
                new JsonObject()
                    .put("name", "sale-1")
                    .put("kind", "sale")
                    .putNull("pid")
                    .put("address", "sale.sale-1.x")));

    seen.set(2, owner(2, true, 100));
    seen.set(3, owner(3, true, 100));
    assertThat(call(Role.VIEWER, "admin.cluster", null).getBoolean("safe")).isTrue();
  }

  @Test
  void drainIsShownWithItsAgeAndRetriedByMessage() {
    drains.start();
    tellDrains(new DrainStatus(2, 70, -1, Mode.HALTED, "dup", 3, 40));
    List<String> subjects = List.of("order 7", "stock of item 8");
    bus.deliver(
        "stampede.reconcile",
        new ReconcileNews(
                "persist-2",
                List.of(
                    new ReconcileNews.Partition(2, 60, 10, 5_000, "no answer", 2, subjects),
                    new ReconcileNews.Partition(99, 0, 0, 0, "", 0, List.of())))
            .encode());
    timers.advance(250);

    JsonObject drain = call(Role.VIEWER, "admin.drain", null);
    JsonObject retry =
        call(Role.OPERATOR, "admin.drain.retry", new JsonObject().put("partition", 2));

    assertThat(drain)
        .isEqualTo(
            new JsonObject()
                .put(
                    "partitions",
                    JsonArray.of(
                        new JsonObject()
                            .put("partition", 2)
                            .put("node", "persist-1")
                            .put("position", 70L)
                            .put("batch", "18446744073709551615")
                            .put("status", "halted")
                            .put("error", "dup")
                            .put("attempts", 3)
                            .put("lagMs", 40L)
                            .put("at", 1_800_000_000_000L)
                            .put("ageMs", 250L)
                            .put(
                                "reconcile",
                                new JsonObject()
                                    .put("partition", 2)
                                    .put("node", "persist-2")
                                    .put("checked", 60L)
                                    .put("lagEvents", 10L)
                                    .put("sweepAgeMs", 5_000L)
                                    .put("problem", "no answer")
                                    .put("differences", 2)
                                    .put("subjects", new JsonArray(subjects))
                                    .put("ageMs", 250L))))
                .put("missing", JsonArray.of(0, 1, 3)));
    assertThat(retry).isEqualTo(new JsonObject().put("partition", 2).put("sent", true));
    assertThat(bus.published).containsExactly("stampede.drain.retry {\"partition\":2}");
  }

  private void tellDrains(DrainStatus... drains) {
    DrainNews news = new DrainNews("persist-1", 1_800_000_000_000L, List.of(drains));
    bus.deliver("stampede.drain", news.encode());
  }

  // ---- words, hand-over

  private static final JsonObject NOT_YET = new JsonObject().put("again", false);

  @Test
  void noticeIsAuditedAndThenToldToEveryEdge() {
    owners.script = (p, c) -> onSale(ItemState.OPEN);
    bus.persist = query -> NOT_YET;

    JsonObject reply =
        call(
            Role.OPERATOR,
            "admin.item.message",
            new JsonObject()
                .put("item", "1001")
                .put("text", "<b>soon</b>")
                .put("reason", "queue")
                .put("key", "n-1"));

    assertThat(reply.getBoolean("sent")).isTrue();
    assertThat(bus.queries)
        .containsExactly(
            new JsonObject()
                .put("op", "audit.add")
                .put("by", "ann")
                .put("reason", "queue")
                .put("key", "n-1")
                .put("action", "item.message")
                .put("subject", "1001")
                .put("after", new JsonObject().put("text", "<b>soon</b>")));
    assertThat(bus.published)
        .containsExactly(
            "stampede.notices {\"item\":\"1001\",\"text\":\"<b>soon</b>\",\"at\":5000}");
  }

  @Test
  void noticeIsNotSentTwiceNorWithoutATraceNorOfAnUnknownItemNorTooLong() {
    JsonObject body = new JsonObject().put("item", "1001").put("text", "soon");
    owners.script = (p, c) -> onSale(ItemState.OPEN);
    bus.persist = query -> new JsonObject().put("again", true);
    assertThat(call(Role.OPERATOR, "admin.item.message", body).getBoolean("again")).isTrue();
    bus.persist = query -> null;
    assertThat(code(call(Role.OPERATOR, "admin.item.message", body)))
        .isEqualTo("catalogue_unavailable");
    owners.script = (p, c) -> new Reply.Refused(3, "unknown_item", "none here");
    assertThat(code(call(Role.OPERATOR, "admin.item.message", body))).isEqualTo("unknown_item");
    JsonObject tooLong = body.copy().put("text", "x".repeat(201));
    assertThat(call(Role.OPERATOR, "admin.item.message", tooLong).getJsonObject("error"))
        .isEqualTo(
            new JsonObject()
                .put("code", "invalid")
                .put("detail", "text must have 1 to 200 characters")
                .put("field", "text"));

    assertThat(bus.published).isEmpty();
  }

  @Test
  void partitionIsMovedAwayFromItsOwnerInThisEpoch() {
    seen.add(owner(2, true, 100));
    bus.persist = query -> NOT_YET;
    bus.aside = new HandOver.Answer(true, "");
    JsonObject body = new JsonObject().put("partition", 2).put("reason", "disk");

    assertThat(call(Role.OPERATOR, "admin.partition.handover", body))
        .isEqualTo(
            new JsonObject()
                .put("partition", 2)
                .put("from", "sale-1")
                .put("epoch", 3)
                .put("released", true));
    assertThat(bus.asides).containsExactly(new HandOver(2, 3, "edge-1", ""));
    assertThat(bus.queries.get(0).getString("action")).isEqualTo("partition.handover");

    bus.aside = new HandOver.Answer(false, "no_other_node");
    assertThat(code(call(Role.OPERATOR, "admin.partition.handover", body)))
        .isEqualTo("no_other_node");
    bus.aside = null;
    assertThat(code(call(Role.OPERATOR, "admin.partition.handover", body))).isEqualTo("unresolved");
    assertThat(
            code(call(Role.OPERATOR, "admin.partition.handover", body.copy().put("partition", 1))))
        .isEqualTo("no_owner");
  }

  // ---- two persons

  private static final JsonObject MORE = new JsonObject().put("item", "1001").put("add", 5);

  private JsonObject callOfTwo(AdminGateway of, String name, String address, JsonObject body) {
    Future<JsonObject> reply =
        of.call(new Operator(name, Role.ADMIN, Long.MAX_VALUE), address, body.copy());
    timers.advance(0);
    return new JsonObject(reply.result().encode());
  }

  private Object ownerThatSteers(Command command, ItemState state) {
    return command instanceof Steer ? STEERED : onSale(state);
  }

  private long steered() {
    return owners.asked().stream().filter(asked -> asked.command() instanceof Steer).count();
  }

  @Test
  void oneAdminIsEnoughWhereNothingElseIsTheRule() {
    owners.script = (p, c) -> ownerThatSteers(c, ItemState.OPEN);

    assertThat(callOfTwo(gateway, "ann", "admin.item.stock", MORE).containsKey("pending"))
        .isFalse();
    assertThat(steered()).isEqualTo(1);
  }

  @Test
  void stockOfAnItemOnSaleWaitsForASecondAdminAndBothNamesAreKept() {
    AdminGateway two = gateway(true);
    owners.script = (p, c) -> ownerThatSteers(c, ItemState.OPEN);
    JsonObject body = MORE.copy().put("reason", "more came");

    JsonObject first = callOfTwo(two, "ann", "admin.item.stock", body);
    assertThat(steered()).isZero();
    JsonObject approve = new JsonObject().put("pending", first.getString("pending"));
    assertThat(code(callOfTwo(two, "ann", "admin.approve", approve))).isEqualTo("same_person");
    assertThat(steered()).isZero();
    JsonObject done = callOfTwo(two, "bob", "admin.approve", approve);

    assertThat(first.getLong("expiresAt")).isEqualTo(NOW_MS + 300_000);
    assertThat(done.getString("by")).isEqualTo("ann");
    assertThat(done.getString("approvedBy")).isEqualTo("bob");
    List<ScriptedOwners.Asked> asked = owners.asked();
    Steer steer = (Steer) asked.get(asked.size() - 1).command();
    assertThat(steer.steering()).isEqualTo(Steering.ADD_STOCK);
    assertThat(steer.value()).isEqualTo(5);
    assertThat(steer.warrant().by()).isEqualTo("ann");
    assertThat(steer.warrant().reason()).isEqualTo("approved by bob: more came");
    assertThat(steer.warrant().key().utf8()).isEqualTo("pending-" + first.getString("pending"));
    assertThat(code(callOfTwo(two, "bob", "admin.approve", approve))).isEqualTo("unknown_pending");
    assertThat(steered()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"OPEN,true", "PAUSED,true", "SOLD_OUT,true", "SCHEDULED,false", "ENDED,false"})
  void onlyWhatIsOnSaleNeedsTwo(ItemState state, boolean waits) {
    AdminGateway two = gateway(true);
    owners.script = (p, c) -> ownerThatSteers(c, state);

    assertThat(callOfTwo(two, "ann", "admin.item.stock", MORE).containsKey("pending"))
        .isEqualTo(waits);
    assertThat(callOfTwo(two, "ann", "admin.item.close", MORE).containsKey("pending"))
        .isEqualTo(waits);
  }

  @Test
  void whatIsWrongIsToldBeforeAnybodyIsBotheredAndAnOwnerThatIsAwayProposesNothing() {
    AdminGateway two = gateway(true);
    owners.script = (p, c) -> new Owners.Busy("no_owner", 500);

    assertThat(code(callOfTwo(two, "ann", "admin.item.stock", MORE.copy().put("add", 0))))
        .isEqualTo("invalid");
    assertThat(code(callOfTwo(two, "ann", "admin.item.stock", MORE))).isEqualTo("no_owner");
    assertThat(proposals.list().getJsonArray("pending")).isEmpty();
  }

  @Test
  void proposalsAreBoundedRunOutAndAreTheSameForTheSameKey() {
    AdminGateway two = gateway(true);
    owners.script = (p, c) -> ownerThatSteers(c, ItemState.OPEN);
    JsonObject keyed = MORE.copy().put("key", "k-1");

    assertThat(callOfTwo(two, "ann", "admin.item.stock", keyed))
        .isEqualTo(callOfTwo(two, "ann", "admin.item.stock", keyed));
    for (int i = 1; i < Proposals.WAITING_MAX; i++) {
      callOfTwo(two, "ann", "admin.item.stock", MORE);
    }
    assertThat(code(callOfTwo(two, "ann", "admin.item.stock", MORE))).isEqualTo("too_many_pending");
    JsonObject one = proposals.list().getJsonArray("pending").getJsonObject(0);
    now[0] += Proposals.LIFE_MS;
    JsonObject approve = new JsonObject().put("pending", one.getString("pending"));
    assertThat(code(callOfTwo(two, "bob", "admin.approve", approve))).isEqualTo("unknown_pending");
    assertThat(callOfTwo(two, "ann", "admin.item.stock", MORE).containsKey("pending")).isTrue();
  }

  @Test
  void approvedOnAnotherEdgeAndWhatIsOverDoesNotComeBack() {
    proposals.start();
    JsonObject proposal =
        new JsonObject()
            .put("pending", "p9")
            .put("address", "admin.item.stock")
            .put("body", MORE.copy().put("key", "pending-p9"))
            .put("by", "eve")
            .put("expiresAt", NOW_MS + 1_000);
    String said =
        new JsonObject()
            .put("waiting", JsonArray.of(proposal))
            .put("over", new JsonArray())
            .encode();
    owners.script = (p, c) -> ownerThatSteers(c, ItemState.OPEN);
    bus.deliver("stampede.proposals", said);
    JsonObject approve = new JsonObject().put("pending", "p9");

    assertThat(callOfTwo(gateway(true), "bob", "admin.approve", approve).getString("by"))
        .isEqualTo("eve");
    assertThat(bus.published).contains("stampede.proposals {\"waiting\":[],\"over\":[\"p9\"]}");
    bus.deliver("stampede.proposals", said);
    bus.deliver("stampede.proposals", "no json");
    bus.deliver("stampede.proposals", "{\"waiting\":[{\"pending\":5}],\"over\":[7]}");
    assertThat(proposals.list().getJsonArray("pending")).isEmpty();
  }

  @Test
  void whoProposedSaysSoAgainUntilItIsOver() {
    proposals.start();
    owners.script = (p, c) -> ownerThatSteers(c, ItemState.OPEN);
    JsonObject first = callOfTwo(gateway(true), "ann", "admin.item.stock", MORE);
    bus.published.clear();
    timers.advance(2_500);
    assertThat(bus.published)
        .hasSize(2)
        .allMatch(said -> said.contains(first.getString("pending")) && said.contains("\"add\":5"));

    bus.deliver("stampede.proposals", "{\"over\":[\"" + first.getString("pending") + "\"]}");
    bus.published.clear();
    timers.advance(2_500);
    assertThat(bus.published).isEmpty();
  }

  // ---- what there is

  @Test
  void schemaNamesEveryAddressWithItsRoleAndWhatItNeeds() {
    JsonObject schema = call(Role.VIEWER, "admin.schema", null);
    Map<String, String> roles = new TreeMap<>();
    for (Object each : schema.getJsonArray("addresses")) {
      JsonObject entry = (JsonObject) each;
      String address = entry.getString("address");
      roles.put(address, entry.getString("role"));
      assertThat(entry.getString("says")).as(address).isNotBlank();
      JsonObject members = entry.getJsonObject("body").getJsonObject("properties");
      boolean change = entry.getString("kind").equals("change");
      assertThat(members.containsKey("reason") && members.containsKey("key"))
          .as(address)
          .isEqualTo(change);
      List<?> required = entry.getJsonObject("body").getJsonArray("required").getList();
      JsonObject error =
          call(Role.ADMIN, address, new JsonObject()).getJsonObject("error", new JsonObject());
      if (!required.isEmpty()) {
        assertThat(error.getString("code")).as(address).isEqualTo("invalid");
        assertThat(required).as(address).anyMatch(error.getString("field")::equals);
      } else {
        assertThat(error.getString("code", "")).as(address).isNotEqualTo("invalid");
      }
    }

    assertThat(roles).isEqualTo(lowestRoles());
    assertThat(schema.getJsonArray("published").encode()).contains("\"stats\"", "\"cluster\"");
  }

  @Test
  void theConsoleUsesNoAddressThatIsNotThere() throws Exception {
    Pattern quoted = Pattern.compile("'(admin\\.[a-z.]+)'|\"(admin\\.[a-z.]+)\"");
    Map<String, String> used = new TreeMap<>();
    try (var files = Files.list(Path.of("src/main/resources/console"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".js")).toList()) {
        Matcher found = quoted.matcher(Files.readString(file));
        while (found.find()) {
          String address = found.group(1) == null ? found.group(2) : found.group(1);
          if (!address.equals("admin.")) {
            used.put(address, file.getFileName().toString());
          }
        }
      }
    }

    assertThat(used).hasSizeGreaterThan(25);
    assertThat(gateway.addresses()).containsAll(used.keySet());
  }

  private static Reply onSale(ItemState state) {
    SaleItem item =
        new SaleItem(
            1001,
            12,
            "Phone",
            100,
            200,
            "CNY",
            1_000,
            9_000,
            10,
            1,
            900_000,
            0,
            Limits.GATE_OPEN,
            List.of());
    return new Reply.ItemIs(
        5, 6, item, state, StockLevel.PLENTY, 10, 0, 0, 10, Limits.GATE_OPEN, 0, 0);
  }

  @Test
  void loopDelayShowsTheWorstOfTheLastSecond() {
    LoopDelay delay = new LoopDelay(timers);
    delay.start();
    timers.advance(1_000);
    assertThat(delay.delayMsMax()).isZero();

    timers.stall(430);
    timers.advance(0);
    assertThat(delay.delayMsMax()).isEqualTo(330);

    timers.advance(3_000);
    assertThat(delay.delayMsMax()).isZero();
  }

  // ----

  private static OwnerSeen owner(int partition, boolean serving, long ageMs) {
    String status = serving ? "serving" : "replaying";
    return new OwnerSeen(
        partition, "sale-1", "sale.sale-1.x", 3, 10, 0xabcd, serving, status, ageMs);
  }

  private static JsonObject session(JsonObject... items) {
    JsonArray all = new JsonArray();
    for (JsonObject item : items) {
      all.add(item);
    }
    return new JsonObject()
        .put("session", "12")
        .put("opensAt", 1_000)
        .put("closesAt", 9_000)
        .put("items", all);
  }

  private static JsonObject item(String id) {
    return new JsonObject()
        .put("item", id)
        .put("title", "Phone")
        .put("price", 9_900)
        .put("listPrice", 19_900)
        .put("currency", "CNY")
        .put("stock", 10)
        .put("limitPerUser", 2)
        .put("payWithinSeconds", 900)
        .put("cooldownMs", 5_000)
        .put("gate", 0.25)
        .put("releases", JsonArray.of(new JsonObject().put("at", 3_500).put("units", 5)));
  }

  private static Operator operator(Role role) {
    return new Operator("ann", role, Long.MAX_VALUE);
  }

  private JsonObject call(Role role, String address, JsonObject body) {
    Future<JsonObject> reply = gateway.call(operator(role), address, body);
    timers.advance(0);
    if (!reply.isComplete()) {
      timers.advance(30_000);
    }
    return new JsonObject(reply.result().encode());
  }

  private static String field(JsonObject reply) {
    return reply.getJsonObject("error").getString("field");
  }

  private static String code(JsonObject reply) {
    JsonObject error = reply.getJsonObject("error");
    return error == null ? null : error.getString("code");
  }
}
