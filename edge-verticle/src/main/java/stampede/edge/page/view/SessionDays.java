package stampede.edge.page.view;

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
public final class SessionDays {
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

  private SessionDays() {}

  /**
   * @return {@code today}, {@code tomorrow} or an ISO date
   * @throws InvalidField if it is none
   */
  public static String requireDay(String day) {
    if (!isRelative(day)) {
      date(day, ZoneOffset.UTC, 0);
    }
    return day;
  }

  /** {@code today} or {@code tomorrow}. */
  public static boolean isRelative(String day) {
    return day.equals("today") || day.equals("tomorrow");
  }

  /** Everything that can be in {@code day} in some zone of the world. */
  public static JsonObject query(String day, long nowMs) {
    LocalDate date = date(day, ZoneOffset.UTC, nowMs);
    return query(date.minusDays(1), date.plusDays(2));
  }

  /** Everything that can be in today or tomorrow in some zone of the world. */
  public static JsonObject queryOfTwoDays(long nowMs) {
    LocalDate today = date("today", ZoneOffset.UTC, nowMs);
    return query(today.minusDays(1), today.plusDays(3));
  }

  private static JsonObject query(LocalDate from, LocalDate to) {
    return new JsonObject()
        .put("op", "session.list")
        .put("from", startOf(from, ZoneOffset.UTC))
        .put("to", startOf(to, ZoneOffset.UTC));
  }

  /** Those of {@code day}, in the order they came in. */
  public static List<SessionView> pick(List<SessionView> sessions, String day, long nowMs) {
    return sessions.stream().filter(session -> isIn(session, day, nowMs)).toList();
  }

  private static boolean isIn(SessionView session, String day, long nowMs) {
    ZoneId zone = session.zoneId();
    LocalDate date = date(day, zone, nowMs);
    return session.opensAt() < startOf(date.plusDays(1), zone)
        && session.closesAt() > startOf(date, zone);
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
}
