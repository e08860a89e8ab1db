package stampede.standalone;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Something about this machine or the settings keeps the command from running: the user can mend
 * it, so the command prints the message without a stack trace and ends with exit code 2.
 */
public final class EnvironmentFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param setting what is wrong: an option, an environment variable, a directory, a program
   * @param found what was found there
   * @param wanted what would do, as an instruction to the reader
   */
  public EnvironmentFault(String setting, String found, String wanted) {
    this(setting, found, wanted, null);
  }

  /** The same with the exception that brought it to light. */
  public EnvironmentFault(String setting, String found, String wanted, @Nullable Throwable cause) {
    super(setting + ": found " + found + "; wanted: " + wanted, cause);
  }

  /** A file or a directory, as an option or alone, in which nothing can be kept. */
  public static EnvironmentFault unwritable(Object place, IOException cause) {
    return new EnvironmentFault(
        place.toString(),
        "that it cannot be written: " + cause.getMessage(),
        "a writable directory",
        cause);
  }
}
