package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class StampedeTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Command(name = "fails")
  private record Fails(RuntimeException fault) implements Callable<Integer> {
    @Override
    public Integer call() {
      throw fault;
    }
  }

  @Test
  void versionPrintsVersionAndCommit() {
    assertThat(run(Stampede.commandLine(), "version")).isZero();

    assertThat(out.toString()).matches("stampede \\S+ \\(([0-9a-f]{7,}|unknown)\\)\\s+");
  }

  @Test
  void helpListsTheCommands() {
    assertThat(run(Stampede.commandLine(), "help")).isZero();

    assertThat(out.toString()).contains("version", "help");
  }

  @Test
  void noCommandShowsTheUsage() {
    assertThat(run(Stampede.commandLine())).isEqualTo(Stampede.ENVIRONMENT);

    assertThat(err.toString()).contains("stampede: ", "COMMAND");
  }

  @Test
  void anUnknownCommandIsAUsageError() {
    assertThat(run(Stampede.commandLine(), "versoin")).isEqualTo(Stampede.ENVIRONMENT);

    assertThat(err.toString()).contains("versoin", "version");
  }

  @Test
  void anEnvironmentFaultEndsWithItsMessageAndNoStackTrace() {
    CommandLine line =
        Stampede.commandLine()
            .addSubcommand(new Fails(new EnvironmentFault("PORT", "80", "a free one")));

    assertThat(run(line, "fails")).isEqualTo(Stampede.ENVIRONMENT);

    assertThat(err.toString())
        .isEqualToIgnoringNewLines("stampede: PORT: found 80; wanted: a free one");
  }

  @Test
  void anyOtherFailureEndsWithOneAndItsStackTrace() {
    CommandLine line =
        Stampede.commandLine().addSubcommand(new Fails(new IllegalStateException("a bug")));

    assertThat(run(line, "fails")).isEqualTo(Stampede.BROKEN);

    assertThat(err.toString()).contains("IllegalStateException: a bug", "StampedeTest");
  }

  private int run(CommandLine line, String... args) {
    return line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(args);
  }
}
