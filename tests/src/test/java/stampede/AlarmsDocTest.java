package stampede;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every alarm can be looked up, and nothing can be looked up that is never raised. */
class AlarmsDocTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path DOC = ROOT.resolve("docs/alarms.md");
  private static final Pattern RAISED =
      Pattern.compile("\\b(?:raise|alarm|stayClosed)\\(\\s*\"([a-z]+\\.[a-z-]+)\"");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z]+\\.[a-z-]+)` \\|");
  private static final List<String> MODULES =
      List.of("node", "edge-verticle", "sale-verticle", "persist-verticle", "standalone");

  @Test
  void everyCodeInTheSourcesIsInTheDocAndViceVersa() throws IOException {
    Set<String> raised = new TreeSet<>();
    for (Path source : sources()) {
      collect(RAISED, Files.readString(source), raised);
    }
    Set<String> documented = new TreeSet<>();
    collect(ROW, Files.readString(DOC), documented);

    assertThat(raised).hasSizeGreaterThan(10);
    assertThat(documented).isEqualTo(raised);
  }

  @Test
  void alarmsAreRaisedInOnePlaceOnly() throws IOException {
    for (Path source : sources()) {
      if (!source.endsWith("Alarms.java")) {
        assertThat(Files.readString(source))
            .as(source + " logs an alarm by itself, which nobody counts: use Alarms.raise")
            .doesNotContain("\"ALARM");
      }
    }
  }

  private static List<Path> sources() throws IOException {
    List<Path> all = new java.util.ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(all::add);
      }
    }
    return all;
  }

  private static void collect(Pattern pattern, String text, Set<String> found) {
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
  }
}
