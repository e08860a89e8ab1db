package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.NginxProgram;
import stampede.rig.StampedeProcess;

/** The shipped {@code conf/nginx.conf} as Nginx itself sees it. */
@Timeout(150)
class NginxConfIT {
  @TempDir Path directory;

  /** Only its directories are those of the test: this user may not write the machine's. */
  @Test
  void nginxAcceptsTheShippedFile() throws IOException, InterruptedException {
    Path program = NginxProgram.find().orElse(null);
    Assumptions.assumeTrue(program != null, "no nginx here, and apt-get can't download one");
    String shipped = Files.readString(StampedeProcess.root().resolve("conf/nginx.conf"));
    Path conf =
        Files.writeString(
            directory.resolve("nginx.conf"),
            shipped
                .replace("/var/log/nginx", directory.toString())
                .replace("/run/nginx.pid", directory.resolve("nginx.pid").toString())
                .replace("\nhttp {", "\nhttp {\n" + temporaryPaths()));

    Process test =
        new ProcessBuilder(
                program.toString(), "-t", "-e", "stderr", "-p", "" + directory, "-c", "" + conf)
            .redirectErrorStream(true)
            .start();
    String said = new String(test.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(test.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(said).contains("syntax is ok", "test is successful").doesNotContain("[emerg]");
    assertThat(test.exitValue()).isZero();
  }

  private String temporaryPaths() {
    StringBuilder paths = new StringBuilder();
    for (String kind : new String[] {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      paths.append(kind).append("_temp_path ").append(directory.resolve(kind)).append(";\n");
    }
    return paths.toString();
  }
}
