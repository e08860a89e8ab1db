package stampede.bench.scale;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A JVM of this one's class path that is asked by lines and answers by lines; other lines, of a
 * log, may come between. It ends when this process does. For one thread.
 */
final class Child implements AutoCloseable {
  private static final String ANSWER = "answer ";

  private final Process process;
  private final BufferedReader answers;

  private Child(Process process) {
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Returns at once; the first question waits until it is up. */
  static Child start(Class<?> main, List<String> jvm, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    try {
      return new Child(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String ask(String question) {
    try {
      process.getOutputStream().write((question + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (line.startsWith(ANSWER)) {
          return line.substring(ANSWER.length());
        }
      }
      throw new IllegalStateException("a process ended that was asked: " + question);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long askNumber(String question) {
    return Long.parseLong(ask(question));
  }

  /** CPU time so far, of all its threads. */
  long cpuMicros() {
    return cpuMicros(process.pid());
  }

  static long cpuMicros(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(handle -> handle.info().totalCpuDuration())
        .map(spent -> spent.toNanos() / 1_000)
        .orElseThrow(() -> new IllegalStateException("no CPU time of process " + pid));
  }

  /** The other side: answers every line until there are no more, then ends this process. */
  static void serve(Function<String, String> answer) throws IOException {
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      System.out.println(ANSWER + answer.apply(line));
    }
    System.exit(0);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
