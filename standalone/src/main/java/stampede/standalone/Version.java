package stampede.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints which build this is. */
@Command(name = "version", description = "Prints version and commit.")
public final class Version implements Callable<Integer> {
  private static final String RESOURCE = "version.properties";

  @Spec private @Nullable CommandSpec spec;

  /**
   * Version and commit, such as {@code 0.1.0 (1a2b3c4)}; {@code unknown} for the commit of a build
   * outside git.
   */
  public static String text() {
    Properties build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not in the jar");
      }
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String commit = build.getProperty("commit", "");
    boolean filled = commit.matches("[0-9a-f]+");
    return build.getProperty("version") + " (" + (filled ? commit : "unknown") + ")";
  }

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the spec");
    }
    spec.commandLine().getOut().println("stampede " + text());
    return Stampede.GOOD;
  }
}
