package stampede.edge.page.view;

/**
 * HTML under construction. {@link #tag} takes what this program wrote, {@link #text} what anybody
 * wrote: there is no third way in, so nothing can go out unescaped by oversight.
 */
public final class Html {
  private final StringBuilder out = new StringBuilder(4_096);

  /** Markup from the source code, with {@code '} for {@code "}. */
  public Html tag(String markup) {
    out.append(markup.replace('\'', '"'));
    return this;
  }

  /** Text or the value of a quoted attribute. */
  public Html text(Object text) {
    String from = text.toString();
    for (int i = 0; i < from.length(); i++) {
      escape(from.charAt(i));
    }
    return this;
  }

  private void escape(char c) {
    switch (c) {
      case '&' -> out.append("&amp;");
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      default -> out.append(c < ' ' && c != '\n' || c == 0x7F ? '\uFFFD' : c);
    }
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
