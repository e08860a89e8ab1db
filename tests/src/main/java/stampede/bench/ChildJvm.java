package stampede.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A class with a {@code main} in a JVM of its own, asked by lines: one word in, one line that
 * begins with a word out. Other lines, of a log, may come between.
 */
public final class ChildJvm {
  /** The collector and its options, as the script {@code stampede} and the bench itself have it. */
  public static final List<String> COLLECTOR =
      List.of(
          "-XX:+UseG1GC",
          "-XX:MaxGCPauseMillis=20",
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:G1RSetUpdatingPauseTimePercent=50");

  private static final long END_SECONDS_MAX = 45;

  private final Process process;
  private final BufferedReader answers;

  public ChildJvm(List<String> flags, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  public long pid() {
    return process.pid();
  }

  /** Says {@code line} and waits for the answer of that name. */
  public String ask(String line, String name) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answer(name);
  }

  /** What it says by itself. */
  String answer(String name) {
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (line.startsWith(name + " ")) {
          return line.substring(name.length() + 1);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("the server has ended");
  }

  /** The end of its input is its end; killed if it takes too long. */
  void end() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      kill(); // it is gone, or as good as
      return;
    }
    if (!waitFor(END_SECONDS_MAX)) {
      kill();
    }
  }

  /** As a machine that loses its power. */
  public void kill() {
    process.destroyForcibly();
    waitFor(10);
  }

  private boolean waitFor(long seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
