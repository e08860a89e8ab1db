package stampede.edge.page.view;

import java.math.BigDecimal;
import java.text.NumberFormat;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Currency;
import java.util.HashMap;
import java.util.Map;

/** Money and times as people write them in one language. For one thread. */
final class Figures {
  private static final int DIGITS_UNKNOWN = 2;
  private static final DateTimeFormatter MACHINE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX");

  private final Language language;
  private final DateTimeFormatter moment;
  private final DateTimeFormatter clock = DateTimeFormatter.ofPattern("HH:mm:ss");
  private final DateTimeFormatter hour = DateTimeFormatter.ofPattern("HH:mm");
  private final Map<String, NumberFormat> moneys = new HashMap<>();

  Figures(Language language) {
    this.language = language;
    String pattern = language == Language.ZH ? "yyyy年M月d日 HH:mm" : "d MMMM yyyy, HH:mm";
    moment = DateTimeFormatter.ofPattern(pattern, language.locale());
  }

  String money(long minorUnits, String currency) {
    NumberFormat format = moneys.computeIfAbsent(currency, this::money);
    return format.format(BigDecimal.valueOf(minorUnits, format.getMinimumFractionDigits()));
  }

  private NumberFormat money(String code) {
    NumberFormat format = NumberFormat.getCurrencyInstance(language.locale());
    int digits;
    try {
      Currency currency = Currency.getInstance(code);
      format.setCurrency(currency);
      digits = Math.max(0, currency.getDefaultFractionDigits());
    } catch (IllegalArgumentException e) { // a code of three letters that no country uses
      format = NumberFormat.getNumberInstance(language.locale());
      digits = DIGITS_UNKNOWN;
      ((java.text.DecimalFormat) format).setPositivePrefix(code + " ");
    }
    format.setMinimumFractionDigits(digits);
    format.setMaximumFractionDigits(digits);
    return format;
  }

  /** Date, time and zone. */
  String moment(long epochMs, ZoneId zone) {
    return moment.format(Instant.ofEpochMilli(epochMs).atZone(zone)) + " (" + name(zone) + ")";
  }

  /** As in the catalogue; what Java calls Z is UTC. */
  String name(ZoneId zone) {
    return zone.normalized().equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
  }

  /** Time of day with seconds. */
  String clock(long epochMs, ZoneId zone) {
    return clock.format(Instant.ofEpochMilli(epochMs).atZone(zone));
  }

  /** Time of day. */
  String hour(long epochMs, ZoneId zone) {
    return hour.format(Instant.ofEpochMilli(epochMs).atZone(zone));
  }

  /** For a {@code datetime} attribute. */
  String machine(long epochMs, ZoneId zone) {
    return MACHINE.format(Instant.ofEpochMilli(epochMs).atZone(zone));
  }
}
