package stampede.persist;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;

/**
 * Times as operators write them, and what they are in epoch milliseconds. Pure.
 *
 * <p>A time is a number (epoch ms), a local text ({@code 2026-11-29T10:00}, meant in the session's
 * zone), or one with an offset ({@code 2026-11-29T10:00+08:00}), which must be the zone's at that
 * time. Where clocks go forward some local times do not exist, where they go back some are there
 * twice: neither is guessed. The first is refused, the second wants the offset.
 */
final class LocalTimes {

  private LocalTimes() {}

  /**
   * @throws InvalidField naming {@code field}
   */
  static ZoneId zone(String field, String zone) {
    try {
      return ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new InvalidField(field, "must be a time zone like Asia/Shanghai, is " + zone);
    }
  }

  /**
   * @param value a number or a text
   * @param zone null: none was named, so only a number or an offset says which moment it is
   */
  static long at(String field, @Nullable Object value, @Nullable ZoneId zone) {
    if (value instanceof Integer || value instanceof Long) {
      return inRange(field, ((Number) value).longValue());
    }
    if (!(value instanceof String text)) {
      throw new InvalidField(
          field, "must be a whole number of epoch ms, or local time like 2026-11-29T10:00");
    }
    if (text.matches("[0-9]{1,15}")) {
      return inRange(field, Long.parseLong(text));
    }
    try {
      boolean offset = text.matches(".*T.*([+-].*|Z)");
      return inRange(
          field,
          offset
              ? withOffset(field, OffsetDateTime.parse(text), zone)
              : local(field, LocalDateTime.parse(text), zone));
    } catch (DateTimeException e) {
      throw new InvalidField(field, "must be a time like 2026-11-29T10:00, is " + text);
    }
  }

  private static long inRange(String field, long epochMs) {
    if (epochMs < 1 || epochMs > Limits.TIME_MS_MAX) {
      throw new InvalidField(field, "must be 1 to " + Limits.TIME_MS_MAX + ", is " + epochMs);
    }
    return epochMs;
  }

  private static long withOffset(String field, OffsetDateTime time, @Nullable ZoneId zone) {
    Instant instant = time.toInstant();
    if (zone != null && !zone.getRules().getOffset(instant).equals(time.getOffset())) {
      throw new InvalidField(
          field,
          "has the offset "
              + time.getOffset()
              + ", in "
              + zone
              + " it is "
              + zone.getRules().getOffset(instant)
              + " then");
    }
    return instant.toEpochMilli();
  }

  private static long local(String field, LocalDateTime time, @Nullable ZoneId zone) {
    if (zone == null) {
      throw new InvalidField("zone", "is missing: " + field + " is local time");
    }
    List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
    if (offsets.isEmpty()) {
      throw new InvalidField(
          field, time + " does not exist in " + zone + ": clocks go forward over it");
    }
    if (offsets.size() > 1) {
      throw new InvalidField(
          field,
          time
              + " is there twice in "
              + zone
              + ", clocks go back: write "
              + time
              + offsets.get(0)
              + " or "
              + time
              + offsets.get(1));
    }
    return time.toInstant(offsets.get(0)).toEpochMilli();
  }

  /** With the offset, so that {@link #at} reads the same moment from it in every zone's hour. */
  static String text(long epochMs, ZoneId zone) {
    return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
        Instant.ofEpochMilli(epochMs).atZone(zone));
  }

  static LocalDate date(long epochMs, ZoneId zone) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(epochMs), zone);
  }

  /**
   * @throws InvalidField if it is no date
   */
  static LocalDate day(String field, String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new InvalidField(field, "must be a date like 2026-11-29, is " + text);
    }
  }

  /** The same local time so many days later, whatever the clocks have done in between. */
  static long daysLater(String field, long epochMs, long days, ZoneId zone) {
    if (days == 0) {
      return epochMs; // also where the local time is there twice
    }
    LocalDateTime was = LocalDateTime.ofInstant(Instant.ofEpochMilli(epochMs), zone);
    return inRange(field, local(field, was.plus(days, ChronoUnit.DAYS), zone));
  }
}
