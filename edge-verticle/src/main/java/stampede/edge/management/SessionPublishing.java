package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
 * already stays as it is, one that was missing gets its next chance. A session goes on sale when
 * its {@link Preflight} is green, or by force.
 */
final class SessionPublishing {
  private static final int ITEMS_MAX = 10_000;

  /** What is red for a moment while a cluster starts or a node leaves. */
  private static final Set<String> PASSING = Set.of("owners", "clocks", "mysql");

  private static final long PASSING_MS_MAX = 8_000;
  private static final long LOOK_EVERY_MS = 200;
  private static final long EXPECTED_MAX = 1_000_000_000;

  private final EdgeSide edge;
  private final Backstage backstage;
  private final Preflight preflight;

  SessionPublishing(EdgeSide edge, Preflight preflight) {
    this.edge = edge;
    this.backstage = edge.backstage();
    this.preflight = preflight;
  }

  /** {@code {"session","green","lines":[{"name","light","found","wanted","todo"}]}}. */
  Future<JsonObject> preflight(Instruction instruction) {
    long session = instruction.body().id("session");
    long expected = instruction.body().whole("expectedPerSecond", 0, EXPECTED_MAX, 0);
    return backstage
        .session(session, CatalogueCommands.PERSIST_MS)
        .compose(draft -> preflight.check(draft, expected))
        .map(
            report ->
                new JsonObject()
                    .put("session", Long.toString(session))
                    .put("green", report.green())
                    .put("lines", report.json()));
  }

  /** {@code {"session","published":[…],"missing":[{"item","code","detail"}]}}. */
  Future<JsonObject> publish(Instruction given) {
    long session = given.body().id("session");
    String force = given.body().text("force", Limits.REASON_CHARS_MAX, "");
    Instruction instruction = force.isEmpty() ? given : given.because(force);
    return backstage
        .session(session, CatalogueCommands.PERSIST_MS)
        .compose(SessionPublishing::withItems)
        .compose(
            draft ->
                passed(draft, !force.isEmpty(), edge.timers().millis())
                    .compose(red -> publish(instruction, session, draft, red)));
  }

  private static Future<JsonObject> withItems(JsonObject draft) {
    int items = draft.getJsonArray("items", new JsonArray()).size();
    if (items > 0 && items <= ITEMS_MAX) {
      return Future.succeededFuture(draft);
    }
    String code = items == 0 ? "no_items" : "too_many_items";
    return Future.failedFuture(
        new Backstage.Refusal(code, "a session has 1 to " + ITEMS_MAX + " items"));
  }

  /** Names of what is red in spite of which it goes on: none, unless forced. */
  private Future<Set<String>> passed(JsonObject draft, boolean forced, long sinceMs) {
    return preflight
        .check(draft, 0)
        .compose(
            report -> {
              Set<String> red = report.red();
              if (red.isEmpty() || forced) {
                return Future.succeededFuture(red);
              }
              boolean passing = PASSING.containsAll(red);
              return passing && edge.timers().millis() - sinceMs < PASSING_MS_MAX
                  ? later().compose(waited -> passed(draft, false, sinceMs))
                  : Future.failedFuture(
                      new Backstage.Refusal(
                          "preflight_red",
                          "red: " + String.join(", ", red) + "; see lines, or give force a reason",
                          report.json()));
            });
  }

  private Future<Void> later() {
    Promise<Void> waited = Promise.promise();
    edge.timers().after(LOOK_EVERY_MS, waited::complete);
    return waited.future();
  }

  private Future<JsonObject> publish(
      Instruction instruction, long session, JsonObject draft, Set<String> red) {
    JsonArray items = draft.getJsonArray("items", new JsonArray());
    Told told = Told.of(draft);
    List<Future<Reply.Steered>> asked = new ArrayList<>();
    for (Object item : items) {
      asked.add(publishItem(instruction, session, told, (JsonObject) item));
    }
    return Future.join(asked)
        .transform(joined -> markPublished(instruction, outcome(session, items, asked), told, red));
  }

  /**
   * What all owners hear of the session: one thing, and the one the catalogue keeps, whatever
   * became of the draft meanwhile.
   */
  private record Told(long opensAt, long closesAt, long claimWithinSeconds) {

    /** Where an owner has an item already, the others follow it. */
    static Told of(JsonObject draft) {
      JsonObject leading =
          draft.getJsonArray("items", new JsonArray()).stream()
              .map(JsonObject.class::cast)
              .filter(item -> Boolean.TRUE.equals(item.getValue("published")))
              .findFirst()
              .orElse(draft);
      Fields from = Fields.of(leading);
      return new Told(
          from.whole("opensAt", 1, Long.MAX_VALUE),
          from.whole("closesAt", 1, Long.MAX_VALUE),
          from.whole("claimWithinSeconds", 0, Limits.CLAIM_WITHIN_MS_MAX / 1_000, 0));
    }

    void addTo(JsonObject change) {
      change
          .put("opensAt", opensAt)
          .put("closesAt", closesAt)
          .put("claimWithinSeconds", claimWithinSeconds);
    }
  }

  private Future<Reply.Steered> publishItem(
      Instruction instruction, long session, Told told, JsonObject json) {
    try {
      SaleItem item = saleItem(session, told, json);
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
  private Future<JsonObject> markPublished(
      Instruction instruction, JsonObject outcome, Told told, Set<String> red) {
    int onSale = outcome.getJsonArray("published").size();
    if (onSale == 0) {
      return Future.succeededFuture(outcome);
    }
    JsonObject change =
        instruction.change("session.published").put("session", outcome.getString("session"));
    told.addTo(change);
    if (!red.isEmpty()) {
      change.put("forced", new JsonArray(List.copyOf(red)));
    }
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

  private static SaleItem saleItem(long session, Told told, JsonObject json) {
    Fields item = Fields.of(json);
    return new SaleItem(
        item.id("item"),
        session,
        item.text("title", Limits.TITLE_CHARS_MAX),
        item.whole("price", 0, Limits.PRICE_MAX),
        item.whole("listPrice", 0, Limits.PRICE_MAX),
        item.text("currency", 3),
        told.opensAt,
        told.closesAt,
        item.whole("stock", 0, Limits.STOCK_MAX),
        (int) item.whole("limitPerUser", 1, Limits.QUANTITY_MAX),
        item.whole("payWithinSeconds", 1, 604_800) * 1_000,
        item.whole("cooldownMs", 0, Integer.MAX_VALUE, 0),
        (int) Math.round(item.fraction("gate", 1) * Limits.GATE_OPEN),
        releases(item),
        (int) item.whole("limitPerOrder", 0, Limits.QUANTITY_MAX, 0),
        (int) item.whole("limitPerSession", 0, Limits.QUANTITY_MAX, 0),
        told.claimWithinSeconds * 1_000);
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
