package stampede.rig.browser;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import stampede.rig.StampedeProcess;

/**
 * Runs test files of {@code tests/src/test/browser} in Node.js against whatever their environment
 * variables name. For one thread; several suites in one build are made one after the other.
 */
public final class BrowserSuite {
  private static final Duration PACKAGES_BOUND = Duration.ofMinutes(3);

  private final Path directory;
  private final Path screenshots;
  private final BrowserPrograms programs;

  private BrowserSuite(Path directory, Path screenshots, BrowserPrograms programs) {
    this.directory = directory;
    this.screenshots = screenshots;
    this.programs = programs;
  }

  /** There is no browser, or nothing to drive it with; the message says why. */
  public static final class Missing extends Exception {
    private static final long serialVersionUID = 1;

    Missing(String why) {
      super(why);
    }
  }

  /**
   * Finds the programs, installs what is missing, copies the tests and fetches their packages.
   *
   * @throws Missing if something can't be had on this machine
   */
  public static BrowserSuite prepare() throws Missing {
    Path module = StampedeProcess.root().resolve("tests");
    Path directory = module.resolve("target/browser");
    Path screenshots = module.resolve("target/screenshots");
    try {
      Files.createDirectories(directory);
      Files.createDirectories(screenshots);
      BrowserPrograms programs = BrowserPrograms.find(directory);
      boolean sameLock = copy(module.resolve("src/test/browser"), directory);
      if (!sameLock || !Files.exists(directory.resolve("fetched"))) {
        fetchPackages(directory, programs);
      }
      return new BrowserSuite(directory, screenshots, programs);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether {@code package-lock.json} is the one that was there before. */
  private static boolean copy(Path from, Path to) throws IOException {
    Path lock = to.resolve("package-lock.json");
    boolean same =
        Files.exists(lock) && Files.mismatch(from.resolve("package-lock.json"), lock) == -1;
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file :
          files.filter(each -> !each.startsWith(from.resolve("node_modules"))).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return same;
  }

  private static void fetchPackages(Path directory, BrowserPrograms programs)
      throws IOException, Missing {
    Path log = directory.resolve("npm.log");
    Files.deleteIfExists(directory.resolve("fetched"));
    List<String> command = List.of(programs.npm().toString(), "ci", "--ignore-scripts");
    if (Command.run(directory, Map.of(), log, PACKAGES_BOUND, command) != 0) {
      throw new Missing("npm ci failed: " + Command.tail(log));
    }
    Files.createFile(directory.resolve("fetched"));
  }

  /** Where the copy of the tests is. */
  public Path directory() {
    return directory;
  }

  /**
   * Runs one file to its end.
   *
   * @param file its name, such as {@code rig.test.mjs}
   * @param environment its settings, besides {@code CHROMIUM} and {@code SCREENSHOTS}
   * @param bound when it is ended
   * @return at least one result; what did not run to its end is a failed one
   */
  public List<BrowserResult> run(String file, Map<String, String> environment, Duration bound) {
    Path log = directory.resolve(file + ".log");
    Path found = directory.resolve(file + ".jsonl");
    Map<String, String> all = new HashMap<>(environment);
    all.put("CHROMIUM", programs.chromium().toString());
    all.put("SCREENSHOTS", screenshots.toString());
    List<String> command =
        List.of(
            programs.node().toString(),
            "--test",
            "--test-reporter=spec",
            "--test-reporter-destination=stdout",
            "--test-reporter=./reporter.mjs",
            "--test-reporter-destination=" + found,
            file);
    try {
      Files.deleteIfExists(found);
      int exit = Command.run(directory, all, log, bound, command);
      List<String> lines = Files.exists(found) ? Files.readAllLines(found) : List.of();
      return results(file, exit, bound, lines, Command.tail(log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<BrowserResult> results(
      String file, int exit, Duration bound, List<String> lines, String tail) {
    List<BrowserResult> results = new ArrayList<>();
    Set<String> open = new HashSet<>();
    for (String line : lines) {
      JsonObject told = new JsonObject(line);
      if (told.containsKey("begun")) {
        open.add(told.getString("begun"));
      } else {
        open.remove(told.getString("name"));
        results.add(result(told, tail));
      }
    }
    boolean explained = results.stream().anyMatch(result -> result.failure() != null);
    if (exit == Command.OVERDUE) {
      String why = "ended after " + bound + " in the middle of " + open + "\n" + tail;
      results.add(new BrowserResult(file, bound.toMillis(), why, null));
    } else if (exit != 0 && !explained || results.isEmpty()) {
      String why = "ended with " + exit + " after " + results.size() + " tests\n" + tail;
      results.add(new BrowserResult(file, 0, why, null));
    }
    return results;
  }

  private static BrowserResult result(JsonObject told, String tail) {
    String failure = told.getString("failure");
    return new BrowserResult(
        told.getString("name"),
        told.getLong("millis"),
        failure == null ? null : failure + "\n\nThe end of the log:\n" + tail,
        told.getString("skipped"));
  }
}
