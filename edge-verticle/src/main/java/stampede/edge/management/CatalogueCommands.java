package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.ZoneId;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;

/** Drafts and what is kept: asked of a persist node, which also audits what it changes. */
final class CatalogueCommands {
  static final long PERSIST_MS = 5_000;
  private static final long TIME_MAX = 253_402_300_799_999L; // the end of the year 9999
  private static final int PAY_WITHIN_SECONDS_MAX = 604_800;
  private static final int COOLDOWN_MS_MAX = 3_600_000;
  private static final int AUDIT_MAX = 500;

  private final Backstage backstage;

  CatalogueCommands(Backstage backstage) {
    this.backstage = backstage;
  }

  Future<JsonObject> createSession(Instruction instruction) {
    Fields body = instruction.body();
    long opensAt = body.whole("opensAt", 1, TIME_MAX);
    long closesAt = body.whole("closesAt", 1, TIME_MAX);
    if (closesAt <= opensAt) {
      throw new InvalidField("closesAt", "must be after opensAt");
    }
    return ask(
        instruction
            .change("session.create")
            .put("title", body.text("title", Limits.TITLE_CHARS_MAX))
            .put("opensAt", opensAt)
            .put("closesAt", closesAt)
            .put("zone", zone(body)));
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
    return ask(
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
            .put("releases", releases));
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
              .put("at", release.whole("at", 1, TIME_MAX))
              .put("units", release.whole("units", 1, Limits.STOCK_MAX)));
    }
    return releases;
  }

  Future<JsonObject> listSessions(Instruction instruction) {
    Fields body = instruction.body();
    JsonObject query = new JsonObject().put("op", "session.list");
    if (body.has("from")) {
      query.put("from", body.whole("from", 0, TIME_MAX));
    }
    if (body.has("to")) {
      query.put("to", body.whole("to", 0, TIME_MAX));
    }
    return ask(query);
  }

  Future<JsonObject> audit(Instruction instruction) {
    Fields body = instruction.body();
    JsonObject query = new JsonObject().put("op", "audit");
    if (body.has("after")) {
      query.put("after", Long.toString(body.id("after")));
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
