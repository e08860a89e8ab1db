package stampede.edge;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import stampede.protocol.InvalidField;

/**
 * Which sessions belong to a day: those with a moment in it, by each session's own zone, since "on
 * Friday" means the shop's Friday. Pure.
 */
final class SessionDays {
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final List<String> SESSION_MEMBERS =
      List.of("session", "title", "opensAt", "closesAt", "zone");

  /** Neither stock nor gate: shoppers see a level only. */
  private static final List<String> ITEM_MEMBERS =
      List.of(
          "item",
          "title",
          "price",
          "listPrice",
          "currency",
          "opensAt",
          "closesAt",
          "limitPerUser",
          "cooldownMs");

  private SessionDays() {}

  /**
   * @return {@code today}, {@code tomorrow} or an ISO date
   * @throws InvalidField if it is none
   */
  static String requireDay(String day) {
    if (!day.equals("today") && !day.equals("tomorrow")) {
      date(day, ZoneOffset.UTC, 0);
    }
    return day;
  }

  /** Everything that can be in {@code day} in some zone of the world. */
  static JsonObject query(String day, long nowMs) {
    LocalDate date = date(day, ZoneOffset.UTC, nowMs);
    return new JsonObject()
        .put("op", "session.list")
        .put("from", startOf(date.minusDays(1), ZoneOffset.UTC))
        .put("to", startOf(date.plusDays(2), ZoneOffset.UTC));
  }

  /** The published sessions of {@code day} among those of a {@code session.list}. */
  static JsonArray pick(JsonArray sessions, String day, long nowMs) {
    JsonArray picked = new JsonArray();
    for (Object entry : sessions) {
      JsonObject session = (JsonObject) entry;
      ZoneId zone = zoneOf(session.getString("zone", "UTC"));
      LocalDate date = date(day, zone, nowMs);
      boolean inDay =
          session.getLong("opensAt") < startOf(date.plusDays(1), zone)
              && session.getLong("closesAt") > startOf(date, zone);
      if (inDay && "published".equals(session.getString("status"))) {
        picked.add(shown(session));
      }
    }
    return picked;
  }

  private static JsonObject shown(JsonObject session) {
    JsonArray items = new JsonArray();
    for (Object item : session.getJsonArray("items", new JsonArray())) {
      items.add(only(ITEM_MEMBERS, (JsonObject) item));
    }
    return only(SESSION_MEMBERS, session).put("items", items);
  }

  private static JsonObject only(List<String> members, JsonObject from) {
    JsonObject to = new JsonObject();
    for (String member : members) {
      if (from.getValue(member) != null) {
        to.put(member, from.getValue(member));
      }
    }
    return to;
  }

  private static LocalDate date(String day, ZoneId zone, long nowMs) {
    LocalDate today = LocalDate.ofInstant(Instant.ofEpochMilli(nowMs), zone);
    if (day.equals("today")) {
      return today;
    }
    if (day.equals("tomorrow")) {
      return today.plusDays(1);
    }
    try {
      if (DATE.matcher(day).matches()) {
        return LocalDate.parse(day);
      }
    } catch (DateTimeException e) {
      throw new InvalidField("day", "is a date that does not exist");
    }
    throw new InvalidField("day", "must be today, tomorrow or a date like 2026-11-11");
  }

  private static long startOf(LocalDate date, ZoneId zone) {
    return date.atStartOfDay(zone).toInstant().toEpochMilli();
  }

  private static ZoneId zoneOf(String zone) {
    try {
      return ZoneId.of(zone);
    } catch (DateTimeException e) {
      return ZoneOffset.UTC;
    }
  }
}
