package stampede.rig.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks a saved run: {@code CheckRun DIR}. Exit 0 = clean, 1 = violated, 2 = not readable. */
public final class CheckRun {
  private CheckRun() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** The same, for a caller that goes on. */
  public static int run(String... args) {
    if (args.length != 1 || !Files.isDirectory(Path.of(args[0]))) {
      System.err.println("usage: CheckRun DIR, with history-*.jsonl and dump.jsonl in it");
      return 2;
    }
    try {
      Report report = Checker.check(Run.read(Path.of(args[0])));
      System.out.print(report.toText());
      return report.isClean() ? 0 : 1;
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("the run cannot be read: " + e.getMessage());
      return 2;
    }
  }
}
