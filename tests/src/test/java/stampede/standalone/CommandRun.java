package stampede.standalone;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** One command, run here: its exit code, and what it wrote to both streams. */
public record CommandRun(int exitCode, String output) {
  public static synchronized CommandRun of(String... args) {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    StringWriter errors = new StringWriter();
    PrintStream before = System.out;
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      CommandLine line = Stampede.commandLine();
      line.setErr(new PrintWriter(errors, true));
      int exitCode = line.execute(args);
      return new CommandRun(exitCode, written.toString(StandardCharsets.UTF_8) + errors);
    } finally {
      System.setOut(before);
    }
  }
}
