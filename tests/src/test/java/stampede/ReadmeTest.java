package stampede;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README says can be typed is typed by a test, and it stays short. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern COMMAND = Pattern.compile("\\./(stampede [a-z]+|mvnw [a-z]+)");
  private static final int LINES_MAX = 110; // two screens

  /** Which file runs a command, and how it names it there. */
  private static final Map<String, List<String>> RUN_BY =
      Map.of(
          "stampede demo", List.of(".ci/run", "./stampede demo"),
          "mvnw verify", List.of(".ci/run", "verify"),
          "stampede up", List.of("tests/src/main/java/stampede/rig/RunningShop.java", "\"up\""),
          "stampede admin",
              List.of("tests/src/test/java/stampede/endtoend/AdminIT.java", "\"admin\""),
          "stampede cluster",
              List.of("tests/src/test/java/stampede/endtoend/ClusterIT.java", "\"cluster\""),
          "stampede check",
              List.of("tests/src/test/java/stampede/standalone/CheckIT.java", "\"check\""),
          "stampede load",
              List.of("tests/src/test/java/stampede/standalone/LoadIT.java", "\"load\""),
          "stampede reconcile",
              List.of("tests/src/test/java/stampede/standalone/ReconcileIT.java", "\"reconcile\""));

  @Test
  void everyCommandOfTheReadmeIsRunByATest() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    TreeSet<String> commands = new TreeSet<>();
    Matcher matcher = COMMAND.matcher(readme);
    while (matcher.find()) {
      commands.add(matcher.group(1));
    }

    assertThat(commands).isNotEmpty();
    for (String command : commands) {
      assertThat(RUN_BY).as("who runs ./" + command).containsKey(command);
      String runner = Files.readString(ROOT.resolve(RUN_BY.get(command).get(0)));
      assertThat(runner).as(command).contains(RUN_BY.get(command).get(1));
    }
  }

  @Test
  void readmeFitsTwoScreens() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(LINES_MAX);
  }
}
