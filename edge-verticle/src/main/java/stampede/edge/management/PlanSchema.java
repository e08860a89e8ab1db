package stampede.edge.management;

import static stampede.edge.management.BodySchema.body;
import static stampede.edge.management.BodySchema.list;
import static stampede.edge.management.BodySchema.oneOf;
import static stampede.edge.management.BodySchema.part;
import static stampede.edge.management.BodySchema.text;
import static stampede.edge.management.BodySchema.time;
import static stampede.edge.management.BodySchema.whole;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stampede.protocol.Limits;

/** The members of drafts: the same where they are made and where they are changed. */
final class PlanSchema {
  private static final List<String> LABELS = List.of("single", "brand", "bulk", "super");

  private PlanSchema() {}

  static BodySchema session(String... required) {
    Map<String, JsonObject> members = new LinkedHashMap<>();
    members.put("title", text(Limits.TITLE_CHARS_MAX));
    members.put("opensAt", time());
    members.put("closesAt", time());
    members.put("zone", text(64).put("description", "Asia/Shanghai; default UTC"));
    members.put("label", oneOf(LABELS));
    members.put("limitPerSession", whole(0, Limits.QUANTITY_MAX));
    members.put("login", oneOf(List.of("before", "after")));
    members.put("claimWithinSeconds", whole(0, Limits.CLAIM_WITHIN_MS_MAX / 1_000));
    return with(members, List.of(required));
  }

  static BodySchema item(String... required) {
    Map<String, JsonObject> members = new LinkedHashMap<>();
    members.put("title", text(Limits.TITLE_CHARS_MAX));
    members.put("price", whole(0, Limits.PRICE_MAX).put("description", "minor units"));
    members.put("listPrice", whole(0, Limits.PRICE_MAX).put("description", "minor units"));
    members.put("currency", text(3).put("pattern", "^[A-Z]{3}$"));
    members.put("stock", whole(0, Limits.STOCK_MAX));
    members.put("limitPerUser", whole(1, Limits.QUANTITY_MAX));
    members.put("limitPerOrder", whole(0, Limits.QUANTITY_MAX));
    members.put("payWithinSeconds", whole(1, CatalogueCommands.PAY_WITHIN_SECONDS_MAX));
    members.put("cooldownMs", whole(0, Limits.COOLDOWN_MS_MAX));
    members.put("gate", part());
    members.put("releases", list(release().json(), Limits.RELEASES_MAX));
    members.put("product", text(64));
    return with(members, List.of(required));
  }

  private static BodySchema release() {
    return body().must("at", time()).must("units", whole(1, Limits.STOCK_MAX));
  }

  private static BodySchema with(Map<String, JsonObject> members, List<String> required) {
    BodySchema schema = body();
    members.forEach(
        (member, type) -> {
          if (required.contains(member)) {
            schema.must(member, type);
          } else {
            schema.may(member, type);
          }
        });
    return schema;
  }
}
