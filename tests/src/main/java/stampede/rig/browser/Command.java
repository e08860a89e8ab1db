package stampede.rig.browser;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end or to a bound, with what they said in a file. Blocks. */
final class Command {
  private static final int TAIL_CHARS = 4_000;

  private Command() {}

  /** Exit codes of its own: what ran into the bound, and what is not there. */
  static final int OVERDUE = -1;

  static final int ABSENT = -2;

  /**
   * @param environment added to this process's own
   * @param log replaced
   */
  static int run(
      Path directory,
      Map<String, String> environment,
      Path log,
      Duration bound,
      List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        end(process);
        return OVERDUE;
      }
      return process.exitValue();
    } catch (IOException e) {
      return ABSENT;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + command, e);
    }
  }

  /** It and all it started, which would otherwise outlive it. */
  private static void end(Process process) throws InterruptedException {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    process.waitFor(10, TimeUnit.SECONDS);
  }

  /** The end of a log, for people. */
  static String tail(Path log) {
    try {
      String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
      return text.substring(Math.max(0, text.length() - TAIL_CHARS));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
