package stampede.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * An Nginx for tests: an installed one, else Debian's package unpacked into the user's cache, which
 * needs no root. None where neither is to be had.
 */
public final class NginxProgram {
  private static final long COMMAND_SECONDS_MAX = 60;

  private NginxProgram() {}

  /** The program; fetched at the first call on a machine, within two minutes. */
  public static Optional<Path> find() {
    Path cache =
        Path.of(System.getProperty("user.home"), ".cache", "stampede", "nginx").toAbsolutePath();
    Path fetched = cache.resolve("usr/sbin/nginx");
    return Stream.of(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "nginx")),
            Stream.of(Path.of("/usr/sbin/nginx"), fetched))
        .flatMap(each -> each)
        .filter(NginxProgram::works)
        .findFirst()
        .or(() -> fetch(cache) && works(fetched) ? Optional.of(fetched) : Optional.empty());
  }

  private static boolean works(Path program) {
    return Files.isExecutable(program)
        && !Files.isDirectory(program)
        && run(program.getParent(), List.of(program.toString(), "-v"));
  }

  /** Into a directory of its own first: two test runs may be at it. */
  private static boolean fetch(Path cache) {
    try {
      Path parent = Files.createDirectories(cache.getParent());
      Path fresh = Files.createTempDirectory(parent, "nginx-");
      if (!run(fresh, List.of("apt-get", "-q", "download", "nginx"))) {
        return false;
      }
      List<Path> packages;
      try (var files = Files.list(fresh)) {
        packages = files.filter(file -> file.toString().endsWith(".deb")).toList();
      }
      if (packages.isEmpty()
          || !run(fresh, List.of("dpkg", "-x", packages.get(0).toString(), fresh.toString()))) {
        return false;
      }
      if (!Files.exists(cache)) {
        Files.move(fresh, cache);
      }
      return true;
    } catch (IOException e) {
      return false; // no room, or somebody else was quicker: then it is there
    }
  }

  private static boolean run(Path directory, List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such program here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
