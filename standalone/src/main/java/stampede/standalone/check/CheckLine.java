package stampede.standalone.check;

/**
 * What one check found.
 *
 * @param wanted empty when it is what was found
 * @param fix what to do; empty when there is nothing to do
 */
public record CheckLine(Level level, String name, String found, String wanted, String fix) {
  /** How it stands, the worst last. */
  public enum Level {
    SKIPPED("skipped"),
    OK("ok"),
    WARN("warn"),
    RED("RED");

    private final String text;

    Level(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  static CheckLine ok(String name, String found) {
    return new CheckLine(Level.OK, name, found, "", "");
  }

  static CheckLine warn(String name, String found, String wanted, String fix) {
    return new CheckLine(Level.WARN, name, found, wanted, fix);
  }

  static CheckLine red(String name, String found, String wanted, String fix) {
    return new CheckLine(Level.RED, name, found, wanted, fix);
  }

  /**
   * @param how to have it checked
   */
  static CheckLine skipped(String name, String how) {
    return new CheckLine(Level.SKIPPED, name, "", "", how);
  }

  /** One line: {@code level name: found …; wanted …; fix: …}. */
  @Override
  public String toString() {
    if (level == Level.SKIPPED) {
      return String.format("%-7s %s: %s", level.text, name, fix);
    }
    String line = String.format("%-7s %s: found %s", level.text, name, found);
    line += wanted.isEmpty() ? "" : "; wanted " + wanted;
    return (fix.isEmpty() ? line : line + "; fix: " + fix).replaceAll("\\s*[\r\n]+\\s*", " ");
  }
}
