package stampede.edge.page.view;

import java.text.Normalizer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;

/**
 * What was searched for, in the one form all who mean the same share: compatibility characters
 * folded (NFKC), lower case, single spaces. Pure.
 */
public final class SearchQuery {
  /** Before folding: bounds its work. */
  private static final int RAW_CHARS_MAX = 256;

  private SearchQuery() {}

  /**
   * @throws InvalidField if nothing is left, or too much
   */
  public static String normalised(@Nullable String raw) {
    if (raw == null || raw.isEmpty()) {
      throw new InvalidField("q", "must say what to search for");
    }
    if (raw.length() > RAW_CHARS_MAX) {
      throw tooLong();
    }
    String folded = Normalizer.normalize(raw, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    String query = Normalizer.normalize(spaced(folded), Normalizer.Form.NFKC);
    if (query.isEmpty()) {
      throw new InvalidField("q", "must not be blank");
    }
    if (query.codePointCount(0, query.length()) > Limits.SEARCH_CHARS_MAX) {
      throw tooLong();
    }
    return query;
  }

  /** One space for whatever looks like none or some: blanks, control and invisible characters. */
  private static String spaced(String text) {
    StringBuilder query = new StringBuilder(text.length());
    boolean space = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (isSpace(c)) {
        space = true;
      } else {
        query.append(space && !query.isEmpty() ? " " : "").appendCodePoint(c);
        space = false;
      }
    }
    return query.toString();
  }

  private static boolean isSpace(int c) {
    int type = Character.getType(c);
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.UNASSIGNED;
  }

  private static InvalidField tooLong() {
    return new InvalidField("q", "must have at most " + Limits.SEARCH_CHARS_MAX + " characters");
  }
}
