package stampede.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many files and sockets this process may have open. */
final class OpenFiles {
  /** Of the JVM, its jars, its event loops and a few connections. */
  static final int OWN_USE = 300;

  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Pattern LINE = Pattern.compile("Max open files\\s+(\\d+)\\s+(\\S+).*");

  private OpenFiles() {}

  /**
   * Refuses to begin what would fail half-way. Where the limit can't be read nothing is refused.
   *
   * @throws EnvironmentFault if {@code sockets} more than this process needs anyway are not allowed
   */
  static void require(int sockets) {
    if (!Files.isReadable(LIMITS)) {
      return;
    }
    try {
      require(Files.readAllLines(LIMITS), sockets);
    } catch (IOException e) {
      // The limit is there all the same: the first socket above it says so.
      System.err.println("stampede: " + LIMITS + " can't be read: " + e.getMessage());
    }
  }

  static void require(List<String> limits, int sockets) {
    long wanted = (long) sockets + OWN_USE;
    OptionalLong allowed = allowed(limits);
    if (allowed.isPresent() && allowed.getAsLong() < wanted) {
      throw new EnvironmentFault(
          "open files (ulimit -n)",
          Long.toString(allowed.getAsLong()),
          "at least "
              + wanted
              + " for "
              + sockets
              + " sockets: run 'ulimit -n "
              + wanted
              + "' in this shell first (above the hard limit: as root, or in /etc/security/limits.conf),"
              + " or use fewer --users");
    }
  }

  /** The soft limit in force; none if it is unlimited or not told. */
  static OptionalLong allowed(List<String> limits) {
    return limits.stream()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .mapToLong(match -> Long.parseLong(match.group(1)))
        .findFirst();
  }
}
