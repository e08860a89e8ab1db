package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.protocol.Command;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.SaleItem.Release;

/**
 * Brings a session's items to their owners. Sending it again is always right: an item that is there
 * already stays as it is, one that was missing gets its next chance.
 */
final class SessionPublishing {
  private static final int ITEMS_MAX = 10_000;

  private final Backstage backstage;

  SessionPublishing(Backstage backstage) {
    this.backstage = backstage;
  }

  /** {@code {"session","published":[…],"missing":[{"item","code","detail"}]}}. */
  Future<JsonObject> publish(Instruction instruction) {
    long session = instruction.body().id("session");
    JsonObject query =
        new JsonObject().put("op", "session.get").put("session", Long.toString(session));
    return backstage
        .persist(query, CatalogueCommands.PERSIST_MS)
        .compose(reply -> publish(instruction, session, reply.getJsonObject("session")));
  }

  private Future<JsonObject> publish(Instruction instruction, long session, JsonObject draft) {
    JsonArray items = draft.getJsonArray("items", new JsonArray());
    if (items.isEmpty() || items.size() > ITEMS_MAX) {
      String code = items.isEmpty() ? "no_items" : "too_many_items";
      return Future.failedFuture(
          new Backstage.Refusal(code, "a session has 1 to " + ITEMS_MAX + " items"));
    }
    List<Future<Reply.Steered>> asked = new ArrayList<>();
    for (Object item : items) {
      asked.add(publishItem(instruction, draft, (JsonObject) item));
    }
    return Future.join(asked)
        .transform(joined -> markPublished(instruction, outcome(session, items, asked)));
  }

  private Future<Reply.Steered> publishItem(
      Instruction instruction, JsonObject draft, JsonObject json) {
    try {
      SaleItem item = saleItem(draft, json);
      Command publish = new Command.Publish(item, instruction.warrantWithoutKey());
      int partition = backstage.partitionOfItem(item.item());
      return backstage.owner(partition, publish, Reply.Steered.class, SaleCommands.OWNER_MS);
    } catch (InvalidField invalid) {
      return Future.failedFuture(invalid);
    }
  }

  private static JsonObject outcome(
      long session, JsonArray items, List<Future<Reply.Steered>> asked) {
    JsonArray published = new JsonArray();
    JsonArray missing = new JsonArray();
    for (int i = 0; i < asked.size(); i++) {
      String item = items.getJsonObject(i).getString("item");
      if (asked.get(i).succeeded()) {
        published.add(item);
      } else {
        missing.add(AdminGateway.fault(asked.get(i).cause()).put("item", item));
      }
    }
    return new JsonObject()
        .put("session", Long.toString(session))
        .put("published", published)
        .put("missing", missing);
  }

  /** What is on sale is listed for shoppers, also when a part is missing still. */
  private Future<JsonObject> markPublished(Instruction instruction, JsonObject outcome) {
    int onSale = outcome.getJsonArray("published").size();
    if (onSale == 0) {
      return Future.succeededFuture(outcome);
    }
    JsonObject change =
        instruction.change("session.published").put("session", outcome.getString("session"));
    return backstage
        .persist(change, CatalogueCommands.PERSIST_MS)
        .map(outcome)
        .recover(failure -> Future.failedFuture(notListed(onSale, failure)));
  }

  private static Backstage.Refusal notListed(int onSale, Throwable failure) {
    JsonObject fault = AdminGateway.fault(failure);
    return new Backstage.Refusal(
        fault.getString("code"),
        onSale
            + " items are on sale, but the session could not be marked as published ("
            + fault.getString("detail")
            + "); publish it again");
  }

  private static SaleItem saleItem(JsonObject session, JsonObject json) {
    Fields item = Fields.of(json);
    Fields times = Fields.of(session);
    return new SaleItem(
        item.id("item"),
        item.has("session") ? item.id("session") : times.id("session"),
        item.text("title", Limits.TITLE_CHARS_MAX),
        item.whole("price", 0, Limits.PRICE_MAX),
        item.whole("listPrice", 0, Limits.PRICE_MAX),
        item.text("currency", 3),
        (item.has("opensAt") ? item : times).whole("opensAt", 1, Long.MAX_VALUE),
        (item.has("closesAt") ? item : times).whole("closesAt", 1, Long.MAX_VALUE),
        item.whole("stock", 0, Limits.STOCK_MAX),
        (int) item.whole("limitPerUser", 1, Limits.QUANTITY_MAX),
        item.whole("payWithinSeconds", 1, 604_800) * 1_000,
        item.whole("cooldownMs", 0, Integer.MAX_VALUE, 0),
        (int) Math.round(item.fraction("gate", 1) * Limits.GATE_OPEN),
        releases(item),
        item.whole("claimWithinSeconds", 0, Limits.CLAIM_WITHIN_MS_MAX / 1_000, 0) * 1_000);
  }

  private static List<Release> releases(Fields item) {
    List<Release> releases = new ArrayList<>();
    for (Object entry : item.objects("releases", Limits.RELEASES_MAX)) {
      Fields release = Fields.of((JsonObject) entry);
      releases.add(
          new Release(
              release.whole("at", 1, Long.MAX_VALUE), release.whole("units", 1, Limits.STOCK_MAX)));
    }
    return releases;
  }
}
