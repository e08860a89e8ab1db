package stampede.edge.page.view;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The JSON beside the pages; its members are pinned. Neither stock nor gate: a level only. Pure.
 */
public final class PageJson {
  private PageJson() {}

  /** {@code nowMs}: epoch ms of this rendering. */
  public static JsonObject item(ItemView view, long nowMs) {
    return item(view).put("now", nowMs);
  }

  private static JsonObject item(ItemView view) {
    ItemFacts facts = view.facts();
    JsonObject json =
        withLogin(facts, new JsonObject())
            .put("item", Long.toString(facts.item()))
            .put("session", Long.toString(facts.session()))
            .put("title", facts.title())
            .put("price", facts.price())
            .put("listPrice", facts.listPrice())
            .put("currency", facts.currency())
            .put("opensAt", facts.opensAt())
            .put("closesAt", facts.closesAt())
            .put("limitPerUser", facts.limitPerUser())
            .put("state", view.state().text())
            .put("level", view.level().text())
            .put("asOf", view.asOf());
    return view.nextReleaseAt() == 0 ? json : json.put("nextReleaseAt", view.nextReleaseAt());
  }

  /** A session and what it is doing. */
  public record Timed(SessionView session, SessionState state) {}

  /** {@code asOf}: epoch ms when the catalogue was read. */
  public static JsonObject sessions(List<Timed> sessions, long asOf, long nowMs) {
    JsonArray list = new JsonArray();
    sessions.forEach(session -> list.add(session(session)));
    return new JsonObject().put("sessions", list).put("asOf", asOf).put("now", nowMs);
  }

  private static JsonObject session(Timed timed) {
    SessionView session = timed.session;
    JsonArray items = new JsonArray();
    session.items().forEach(item -> items.add(listed(item)));
    return new JsonObject()
        .put("session", Long.toString(session.session()))
        .put("title", session.title())
        .put("opensAt", session.opensAt())
        .put("closesAt", session.closesAt())
        .put("zone", session.zone())
        .put("label", session.label())
        .put("state", timed.state.text())
        .put("items", items);
  }

  private static JsonObject listed(ItemFacts item) {
    return withLogin(item, new JsonObject())
        .put("item", Long.toString(item.item()))
        .put("title", item.title())
        .put("price", item.price())
        .put("listPrice", item.listPrice())
        .put("currency", item.currency())
        .put("opensAt", item.opensAt())
        .put("closesAt", item.closesAt())
        .put("limitPerUser", item.limitPerUser())
        .put("cooldownMs", item.cooldownMs());
  }

  /** Said only of what devices may shake for. */
  private static JsonObject withLogin(ItemFacts item, JsonObject json) {
    return item.claimWithinMs() == 0
        ? json
        : json.put("login", "after").put("claimWithinSeconds", item.claimWithinMs() / 1_000);
  }

  public static JsonObject found(List<ItemView> items) {
    JsonArray list = new JsonArray();
    items.forEach(each -> list.add(item(each)));
    return new JsonObject().put("items", list);
  }
}
