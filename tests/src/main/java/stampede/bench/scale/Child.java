package stampede.bench.scale;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import stampede.bench.ChildJvm;

/**
 * A JVM of this one's class path that is asked by lines and answers by lines; other lines, of a
 * log, may come between. It ends when this process does. For one thread.
 */
final class Child implements AutoCloseable {
  private static final String ANSWER = "answer";

  private final ChildJvm jvm;

  private Child(ChildJvm jvm) {
    this.jvm = jvm;
  }

  /** Returns at once; the first question waits until it is up. */
  static Child start(Class<?> main, List<String> flags, String... arguments) {
    return new Child(new ChildJvm(flags, main, List.of(arguments)));
  }

  String ask(String question) {
    return jvm.ask(question, ANSWER);
  }

  long askNumber(String question) {
    return Long.parseLong(ask(question));
  }

  long pid() {
    return jvm.pid();
  }

  /** The other side: answers every line until there are no more, then ends this process. */
  static void serve(Function<String, String> answer) throws IOException {
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      System.out.println(ANSWER + " " + answer.apply(line));
    }
    System.exit(0);
  }

  @Override
  public void close() {
    jvm.kill();
  }
}
