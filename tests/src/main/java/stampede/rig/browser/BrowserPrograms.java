package stampede.rig.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Chromium, a Node.js and its npm: installed ones, else Debian's packages where this may install
 * them.
 */
record BrowserPrograms(Path chromium, Path node, Path npm) {
  private static final int NODE_MAJOR_MIN = 18;
  private static final Duration ASK_BOUND = Duration.ofSeconds(20);
  private static final Duration INSTALL_BOUND = Duration.ofMinutes(6);

  /**
   * Installs what is missing, within some minutes.
   *
   * @param directory for logs
   * @throws BrowserSuite.Missing if some of it can't be had
   */
  static BrowserPrograms find(Path directory) throws BrowserSuite.Missing {
    List<String> missing = missing(directory);
    if (!missing.isEmpty()) {
      install(directory, missing);
    }
    List<String> still = missing(directory);
    if (!still.isEmpty()) {
      throw new BrowserSuite.Missing(
          "no "
              + String.join(", no ", still)
              + " on the PATH, and it can't be installed: "
              + (mayInstall() ? Command.tail(log(directory)) : "not root, or no apt-get"));
    }
    return new BrowserPrograms(
        findChromium().orElseThrow(), findNode(directory).orElseThrow(), findNpm().orElseThrow());
  }

  /** Names of Debian's packages; they say what is meant elsewhere too. */
  private static List<String> missing(Path directory) {
    List<String> missing = new ArrayList<>();
    if (findChromium().isEmpty()) {
      missing.add("chromium");
    }
    if (findNode(directory).isEmpty()) {
      missing.add("nodejs");
    }
    if (findNpm().isEmpty()) {
      missing.add("npm");
    }
    return missing;
  }

  private static Optional<Path> findChromium() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(name -> onPath(name).stream())
        .findFirst();
  }

  private static Optional<Path> findNpm() {
    return onPath("npm");
  }

  private static Optional<Path> findNode(Path directory) {
    return Stream.of("node", "nodejs")
        .flatMap(name -> onPath(name).stream())
        .filter(program -> major(directory, program) >= NODE_MAJOR_MIN)
        .findFirst();
  }

  private static int major(Path directory, Path node) {
    Path said = directory.resolve("node-version.log");
    Command.run(directory, Map.of(), said, ASK_BOUND, List.of(node.toString(), "--version"));
    Matcher version = Pattern.compile("^v(\\d+)\\.").matcher(Command.tail(said));
    return version.find() ? Integer.parseInt(version.group(1)) : 0;
  }

  private static Optional<Path> onPath(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, name).toAbsolutePath())
        .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file))
        .findFirst();
  }

  private static boolean mayInstall() {
    try {
      boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
      return root && onPath("apt-get").isPresent();
    } catch (IOException | UnsupportedOperationException e) {
      return false; // not a Linux
    }
  }

  /** With a font for Chinese, without which every picture is full of empty boxes. */
  private static void install(Path directory, List<String> packages) {
    if (!mayInstall()) {
      return;
    }
    String command =
        "apt-get -q update; exec apt-get -q install -y --no-install-recommends fonts-wqy-microhei "
            + String.join(" ", packages);
    Command.run(
        directory,
        Map.of("DEBIAN_FRONTEND", "noninteractive"),
        log(directory),
        INSTALL_BOUND,
        List.of("sh", "-c", command));
  }

  private static Path log(Path directory) {
    return directory.resolve("install.log");
  }
}
