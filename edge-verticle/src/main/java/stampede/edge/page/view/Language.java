package stampede.edge.page.view;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What pages are written in. The first one is for who says nothing. */
public enum Language {
  ZH("zh", Locale.SIMPLIFIED_CHINESE),
  EN("en", Locale.ENGLISH);

  private static final int RANGES_MAX = 16;

  private final String code;
  private final Locale locale;

  Language(String code, Locale locale) {
    this.code = code;
    this.locale = locale;
  }

  /** As in {@code ?lang=}. */
  public String code() {
    return code;
  }

  /** As in an HTML {@code lang}. */
  public String tag() {
    return locale.toLanguageTag();
  }

  Locale locale() {
    return locale;
  }

  /** Null if it is none of ours. */
  public static @Nullable Language ofCode(@Nullable String code) {
    for (Language each : values()) {
      if (each.code.equals(code)) {
        return each;
      }
    }
    return null;
  }

  /**
   * The one an {@code Accept-Language} likes best; of equals the one it names first. Whatever can't
   * be read in it counts for nothing.
   */
  public static Language accepted(@Nullable String header) {
    Language best = ZH;
    double bestQuality = 0;
    if (header == null) {
      return best;
    }
    for (String range : header.split(",", RANGES_MAX + 1)) {
      String[] parts = range.strip().split(";", 2);
      Language named = named(parts[0].strip().toLowerCase(Locale.ROOT));
      double quality = parts.length == 1 ? 1 : quality(parts[1].strip());
      if (named != null && quality > bestQuality) {
        best = named;
        bestQuality = quality;
      }
    }
    return best;
  }

  private static @Nullable Language named(String range) {
    int dash = range.indexOf('-');
    return range.equals("*") ? ZH : ofCode(dash < 0 ? range : range.substring(0, dash));
  }

  private static double quality(String parameter) {
    if (!parameter.matches("q=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")) {
      return 0;
    }
    return Double.parseDouble(parameter.substring(2));
  }
}
