package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.edge.page.view.SessionState;
import stampede.protocol.InvalidField;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;

/** Drafts and what is kept: asked of a persist node, which also audits what it changes. */
final class CatalogueCommands {
  static final long PERSIST_MS = 5_000;
  private static final long OWNER_MS = 2_000;
  static final int PAY_WITHIN_SECONDS_MAX = 604_800;
  private static final int COOLDOWN_MS_MAX = 3_600_000;
  private static final int AUDIT_MAX = 500;
  private static final long CLAIM_WITHIN_SECONDS = 60;

  static final int CSV_CHARS_MAX = 60_000;
  private static final List<String> SESSION_MEMBERS =
      List.of(
          "title",
          "opensAt",
          "closesAt",
          "zone",
          "label",
          "limitPerSession",
          "login",
          "claimWithinSeconds");
  private static final List<String> ITEM_MEMBERS =
      List.of(
          "title",
          "price",
          "listPrice",
          "currency",
          "stock",
          "limitPerUser",
          "limitPerOrder",
          "payWithinSeconds",
          "cooldownMs",
          "gate",
          "releases",
          "product");

  private final EdgeSide edge;
  private final Backstage backstage;

  CatalogueCommands(EdgeSide edge) {
    this.edge = edge;
    this.backstage = edge.backstage();
  }

  /** Local times are read where drafts are kept, by the rules of the session's zone. */
  Future<JsonObject> createSession(Instruction instruction) {
    Fields body = instruction.body();
    Object opensAt = time(body, "opensAt");
    Object closesAt = time(body, "closesAt");
    if (opensAt instanceof Long opens && closesAt instanceof Long closes && closes <= opens) {
      throw new InvalidField("closesAt", "must be after opensAt");
    }
    boolean local = opensAt instanceof String || closesAt instanceof String;
    JsonObject change =
        instruction
            .change("session.create")
            .put("title", body.text("title", Limits.TITLE_CHARS_MAX))
            .put("opensAt", opensAt)
            .put("closesAt", closesAt);
    if (!local || body.has("zone")) {
      change.put("zone", zone(body));
    }
    if (body.has("label")) {
      change.put("label", body.text("label", 16));
    }
    if (body.has("limitPerSession")) {
      change.put("limitPerSession", body.whole("limitPerSession", 0, Limits.QUANTITY_MAX));
    }
    long claimWithinSeconds = claimWithinSeconds(body);
    if (claimWithinSeconds > 0) {
      change.put("claimWithinSeconds", claimWithinSeconds);
    }
    return ask(change);
  }

  /** 0 = shoppers sign in before they shake, as they do where nothing else is said. */
  private static long claimWithinSeconds(Fields body) {
    String login = body.text("login", 8, "before");
    if (!login.equals("before") && !login.equals("after")) {
      throw new InvalidField("login", "must be before or after");
    }
    if (login.equals("before")) {
      return body.whole("claimWithinSeconds", 0, 0, 0);
    }
    return body.whole(
        "claimWithinSeconds", 1, Limits.CLAIM_WITHIN_MS_MAX / 1_000, CLAIM_WITHIN_SECONDS);
  }

  /** Epoch ms as a number, or text as people write it: with a T in it. */
  private static Object time(Fields body, String field) {
    String text = body.textIfAny(field);
    return text != null && text.indexOf('T') > 0 ? text : body.whole(field, 1, Limits.TIME_MS_MAX);
  }

  Future<JsonObject> changeSession(Instruction instruction) {
    JsonObject change = changed(instruction, "session.change", "session", SESSION_MEMBERS);
    if (change.remove("login") != null) {
      change.put("claimWithinSeconds", claimWithinSeconds(instruction.body()));
    }
    return ask(change);
  }

  /** The owner is asked first: it knows before the catalogue does that it has the item. */
  Future<JsonObject> changeItem(Instruction instruction) {
    JsonObject change = changed(instruction, "item.change", "item", ITEM_MEMBERS);
    long item = instruction.body().id("item");
    return backstage
        .item(item, OWNER_MS)
        .transform(
            known ->
                known.succeeded()
                    ? Future.failedFuture(
                        new Backstage.Refusal(
                            "published",
                            "item "
                                + item
                                + " is published: what still changes is gate, cooldown, stock and"
                                + " pause, each by a command of its own"))
                    : ask(change));
  }

  private static JsonObject changed(
      Instruction instruction, String op, String subject, List<String> members) {
    Fields body = instruction.body();
    JsonObject change = instruction.change(op).put(subject, Long.toString(body.id(subject)));
    int given = 0;
    for (String member : members) {
      if (body.has(member)) {
        body.copy(member, change);
        given++;
      }
    }
    if (given == 0) {
      throw new InvalidField("body", "must name what changes: " + String.join(", ", members));
    }
    return change;
  }

  Future<JsonObject> copySession(Instruction instruction) {
    Fields body = instruction.body();
    JsonObject change =
        instruction
            .change("session.copy")
            .put("session", Long.toString(body.id("session")))
            .put("day", body.text("day", 10));
    if (body.has("title")) {
      change.put("title", body.text("title", Limits.TITLE_CHARS_MAX));
    }
    return ask(change);
  }

  Future<JsonObject> importSessions(Instruction instruction) {
    return ask(
        instruction
            .change("session.import")
            .put("csv", instruction.body().text("csv", CSV_CHARS_MAX)));
  }

  Future<JsonObject> exportSessions(Instruction instruction) {
    Fields body = instruction.body();
    JsonObject query = new JsonObject().put("op", "session.export");
    if (body.has("session")) {
      return ask(query.put("session", Long.toString(body.id("session"))));
    }
    return ask(between(body, query));
  }

  private static String zone(Fields body) {
    String zone = body.text("zone", 64, "UTC");
    try {
      return ZoneId.of(zone).getId();
    } catch (DateTimeException e) {
      throw new InvalidField("zone", "must be a time zone like Asia/Shanghai");
    }
  }

  Future<JsonObject> createItem(Instruction instruction) {
    Fields body = instruction.body();
    long price = body.whole("price", 0, Limits.PRICE_MAX);
    JsonArray releases = releases(body);
    JsonObject change =
        instruction
            .change("item.create")
            .put("session", Long.toString(body.id("session")))
            .put("title", body.text("title", Limits.TITLE_CHARS_MAX))
            .put("price", price)
            .put("listPrice", body.whole("listPrice", price, Limits.PRICE_MAX, price))
            .put("currency", currency(body))
            .put("stock", body.whole("stock", releases.isEmpty() ? 1 : 0, Limits.STOCK_MAX))
            .put("limitPerUser", body.whole("limitPerUser", 1, Limits.QUANTITY_MAX, 1))
            .put("payWithinSeconds", body.whole("payWithinSeconds", 1, PAY_WITHIN_SECONDS_MAX, 900))
            .put("cooldownMs", body.whole("cooldownMs", 0, COOLDOWN_MS_MAX, 0))
            .put("gate", body.fraction("gate", 1))
            .put("releases", releases);
    if (body.has("limitPerOrder")) {
      change.put("limitPerOrder", body.whole("limitPerOrder", 0, Limits.QUANTITY_MAX));
    }
    if (body.has("product")) {
      change.put("product", body.text("product", 64));
    }
    return ask(change);
  }

  private static String currency(Fields body) {
    String currency = body.text("currency", 3, "CNY");
    if (!currency.matches("[A-Z]{3}")) {
      throw new InvalidField("currency", "must be an ISO 4217 code like CNY");
    }
    return currency;
  }

  private static JsonArray releases(Fields body) {
    JsonArray releases = new JsonArray();
    for (Object entry : body.objects("releases", Limits.RELEASES_MAX)) {
      Fields release = Fields.of((JsonObject) entry);
      releases.add(
          new JsonObject()
              .put("at", time(release, "at"))
              .put("units", release.whole("units", 1, Limits.STOCK_MAX)));
    }
    return releases;
  }

  Future<JsonObject> listSessions(Instruction instruction) {
    JsonObject query = new JsonObject().put("op", "session.list");
    return ask(between(instruction.body(), query)).map(this::withStates);
  }

  /** What each session and item is doing, as far as this edge has heard. */
  private JsonObject withStates(JsonObject reply) {
    for (Object each : reply.getJsonArray("sessions", new JsonArray())) {
      JsonObject session = (JsonObject) each;
      List<ItemState> states = new ArrayList<>();
      for (Object entry : session.getJsonArray("items", new JsonArray())) {
        JsonObject item = (JsonObject) entry;
        ItemState state = edge.shop().state(item);
        item.put("state", state == null ? "draft" : state.text());
        if (state != null) {
          states.add(state);
        }
      }
      boolean warm = edge.shop().isWarm(Preflight.items(session));
      String status = session.getString("status", "published");
      session.put("state", SessionState.of(status, states, warm).text());
    }
    return reply;
  }

  private static JsonObject between(Fields body, JsonObject query) {
    if (body.has("from")) {
      query.put("from", body.whole("from", 0, Limits.TIME_MS_MAX));
    }
    if (body.has("to")) {
      query.put("to", body.whole("to", 0, Limits.TIME_MS_MAX));
    }
    return query;
  }

  Future<JsonObject> audit(Instruction instruction) {
    Fields body = instruction.body();
    JsonObject query = new JsonObject().put("op", "audit");
    if (body.has("after")) {
      query.put("after", Long.toString(body.id("after")));
    }
    if (body.has("newest")) {
      body.copy("newest", query);
    }
    return ask(query.put("max", body.whole("max", 1, AUDIT_MAX, 100)));
  }

  Future<JsonObject> webhooks(Instruction instruction) {
    return ask(new JsonObject().put("op", "webhooks"));
  }

  private Future<JsonObject> ask(JsonObject query) {
    return backstage.persist(query, PERSIST_MS);
  }
}
