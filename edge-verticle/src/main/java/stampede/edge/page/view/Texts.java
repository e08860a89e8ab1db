package stampede.edge.page.view;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/** The message table of one language: whole, or this class does not load. Immutable. */
final class Texts {
  private static final Map<Language, Texts> TABLES = new EnumMap<>(Language.class);

  static {
    for (Language language : Language.values()) {
      TABLES.put(language, new Texts(language));
    }
  }

  private final Map<Text, String> lines = new EnumMap<>(Text.class);

  private Texts(Language language) {
    String file = "text_" + language.code() + ".properties";
    Properties table = read(file);
    for (Text text : Text.values()) {
      Object line = table.remove(text.name().toLowerCase(Locale.ROOT));
      if (line == null) {
        throw new IllegalStateException(file + " has no " + text);
      }
      lines.put(text, (String) line);
    }
    if (!table.isEmpty()) {
      throw new IllegalStateException(file + " has lines nobody asks for: " + table.keySet());
    }
  }

  static Texts of(Language language) {
    return TABLES.get(language);
  }

  String get(Text text) {
    return lines.get(text);
  }

  String get(Text text, Object put) {
    return get(text).replace("{0}", put.toString());
  }

  String get(Text text, Object put, Object second) {
    return get(text, put).replace("{1}", second.toString());
  }

  private static Properties read(String file) {
    Properties table = new Properties();
    try (Reader in =
        new InputStreamReader(Texts.class.getResourceAsStream(file), StandardCharsets.UTF_8)) {
      table.load(in);
      return table;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
