package stampede.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import stampede.rig.StampedeProcess;

/** Commands as somebody types them, in a shell of their own. */
final class Terminal implements AutoCloseable {
  private static final long END_SECONDS_MAX = 60;

  /** Stays the parent of what runs in it: it has something left to do. */
  private final Process shell;

  private final Path output;

  private Terminal(Process shell, Path output) {
    this.shell = shell;
    this.output = output;
  }

  /**
   * @param environment beside this process's, without its STAMPEDE_ names
   */
  static Terminal open(Path directory, Map<String, String> environment, String commands) {
    try {
      Path output = Files.createTempFile(directory, "terminal", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder("bash", "-e", "-u", "-o", "pipefail", "-c", commands + "\nexit $?")
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("STAMPEDE_"));
      builder.environment().putAll(environment);
      return new Terminal(builder.start(), output);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Commands that end, and well; what they printed. */
  static String run(Path directory, Map<String, String> environment, String commands) {
    try (Terminal terminal = open(directory, environment, commands)) {
      if (!terminal.shell.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new AssertionError("no end: " + commands + "\n" + terminal.output());
      }
      if (terminal.shell.exitValue() != 0) {
        throw new AssertionError(commands + "\n" + terminal.output());
      }
      return terminal.output();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void awaitOutput(String text) {
    Awaitility.await()
        .atMost(90, TimeUnit.SECONDS)
        .until(
            () -> {
              if (!shell.isAlive() && !output().contains(text)) {
                throw new AssertionError("ended:\n" + output());
              }
              return output().contains(text);
            });
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Ends what was started in it; everything is gone then. */
  @Override
  public void close() {
    List<ProcessHandle> all = shell.descendants().toList();
    shell.children().forEach(ProcessHandle::destroy);
    Awaitility.await()
        .atMost(END_SECONDS_MAX, TimeUnit.SECONDS)
        .until(() -> all.stream().noneMatch(each -> StampedeProcess.runs(each.pid())));
    shell.destroy();
  }
}
