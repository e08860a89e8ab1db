package stampede.rig.check;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Each text once, however many lines of a history repeat it. */
final class Names {
  private static final int KEPT_MAX = 4_000_000;
  private final Map<String, String> kept = new HashMap<>();

  String one(String text) {
    if (kept.size() >= KEPT_MAX) {
      return kept.getOrDefault(text, text);
    }
    String first = kept.putIfAbsent(text, text);
    return first == null ? text : first;
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
