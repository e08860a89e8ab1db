package stampede.edge.management;

import org.jspecify.annotations.Nullable;

/** What an operator may do; each role may also do what those before it may. */
public enum Role {
  /** Reads. */
  VIEWER("viewer"),
  /** Also pauses, resumes, gates, blocks, retries. */
  OPERATOR("operator"),
  /** Everything. */
  ADMIN("admin");

  private final String text;

  Role(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  boolean mayDoWhat(Role needed) {
    return compareTo(needed) >= 0;
  }

  static @Nullable Role ofText(@Nullable Object text) {
    for (Role role : values()) {
      if (role.text.equals(text)) {
        return role;
      }
    }
    return null;
  }
}
