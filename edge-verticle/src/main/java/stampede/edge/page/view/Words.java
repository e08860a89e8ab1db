package stampede.edge.page.view;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** All lines of one language, for the module of the pages: a JSON object. Pure. */
public final class Words {
  private Words() {}

  /** Its name among the static files. */
  public static String file(Language language) {
    return "words." + language.code() + ".json";
  }

  public static byte[] json(Language language) {
    Texts texts = Texts.of(language);
    JsonObject json = new JsonObject();
    for (Text text : Text.values()) {
      json.put(text.name().toLowerCase(Locale.ROOT), texts.get(text));
    }
    return json.encode().getBytes(StandardCharsets.UTF_8);
  }
}
