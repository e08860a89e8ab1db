package stampede.edge.page.view;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The opening of an item as a calendar entry (RFC 5545) that rings five minutes before. Pure. */
public final class Reminder {
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final int LINE_BYTES_MAX = 75;

  private Reminder() {}

  /** {@code nowMs}: epoch ms of this rendering. */
  public static String ics(ItemFacts item, long nowMs) {
    StringBuilder out = new StringBuilder(512);
    line(out, "BEGIN:VCALENDAR");
    line(out, "VERSION:2.0");
    line(out, "PRODID:-//stampede//shop//EN");
    line(out, "BEGIN:VEVENT");
    line(out, "UID:item-" + item.item() + "@stampede");
    line(out, "DTSTAMP:" + at(nowMs));
    line(out, "DTSTART:" + at(item.opensAt()));
    line(out, "DURATION:PT10M");
    line(out, "SUMMARY:" + text(item.title()));
    line(out, "BEGIN:VALARM");
    line(out, "ACTION:DISPLAY");
    line(out, "DESCRIPTION:" + text(item.title()));
    line(out, "TRIGGER:-PT5M");
    line(out, "END:VALARM");
    line(out, "END:VEVENT");
    line(out, "END:VCALENDAR");
    return out.toString();
  }

  private static String at(long epochMs) {
    return UTC.format(Instant.ofEpochMilli(epochMs));
  }

  /** Neither a line nor a value may end where a title says so. */
  private static String text(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ").replaceAll("([\\\\;,])", "\\\\$1");
  }

  /** Folded after 75 bytes, never inside a character. */
  private static void line(StringBuilder out, String line) {
    int room = LINE_BYTES_MAX;
    for (int i = 0; i < line.length(); ) {
      String character = Character.toString(line.codePointAt(i));
      int bytes = character.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > room) {
        out.append("\r\n ");
        room = LINE_BYTES_MAX - 1;
      }
      out.append(character);
      room -= bytes;
      i += character.length();
    }
    out.append("\r\n");
  }
}
