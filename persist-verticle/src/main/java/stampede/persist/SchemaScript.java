package stampede.persist;

import java.util.ArrayList;
import java.util.List;

/** A script of several statements, cut at the semicolons that end one. */
final class SchemaScript {
  private final String script;
  private final StringBuilder statement = new StringBuilder();
  private final List<String> statements = new ArrayList<>();
  private int at;

  private SchemaScript(String script) {
    this.script = script;
  }

  /** Without comments; semicolons in quotes and comments end nothing. */
  static List<String> statements(String script) {
    return new SchemaScript(script).split();
  }

  private List<String> split() {
    while (at < script.length()) {
      char c = script.charAt(at);
      if (c == '\'' || c == '"' || c == '`') {
        quoted(c);
      } else if (c == '#' || (script.startsWith("--", at) && blankAt(at + 2))) {
        skipTo("\n");
      } else if (script.startsWith("/*", at)) {
        skipTo("*/");
        statement.append(' ');
      } else if (c == ';') {
        end();
        at++;
      } else {
        statement.append(c);
        at++;
      }
    }
    end();
    return List.copyOf(statements);
  }

  /** A doubled quote is two quoted texts side by side: the result is the same. */
  private void quoted(char quote) {
    statement.append(script.charAt(at++));
    while (at < script.length() && script.charAt(at) != quote) {
      if (script.charAt(at) == '\\' && quote != '`' && at + 1 < script.length()) {
        statement.append(script.charAt(at++));
      }
      statement.append(script.charAt(at++));
    }
    if (at == script.length()) {
      throw new IllegalArgumentException("a quote " + quote + " is not closed");
    }
    statement.append(script.charAt(at++));
  }

  private boolean blankAt(int index) {
    return index >= script.length() || Character.isWhitespace(script.charAt(index));
  }

  private void skipTo(String end) {
    int found = script.indexOf(end, at);
    at = found < 0 ? script.length() : found + end.length();
  }

  private void end() {
    String text = statement.toString().strip();
    if (!text.isEmpty()) {
      statements.add(text);
    }
    statement.setLength(0);
  }
}
