package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  private static final String CERTIFICATE = "/etc/ssl/shop.example.pem";
  private static final String KEY = "/etc/ssl/shop.example.key";

  @TempDir Path directory;

  @Test
  void nginxAcceptsTheShippedFile() throws IOException, InterruptedException {
    expectAccepted(shipped());
  }

  /** Of the file's comments only those that name a certificate become settings. */
  @Test
  void nginxAcceptsTheExampleWithCertificates() throws IOException, InterruptedException {
    certificate();
    String shipped = shipped();
    String conf =
        shipped
            .replace("    listen 80;\n", "")
            .replaceAll("(?m)^    # (listen 443|ssl_)", "    $1")
            .replaceAll("(?m)^  # (server \\{|  listen 80|  server_name|  return 301|\\}$)", "  $1")
            .replace(CERTIFICATE, directory.resolve("shop.pem").toString())
            .replace(KEY, directory.resolve("shop.key").toString());
    assertThat(conf.lines().map(String::strip))
        .contains("listen 443 ssl http2;", "ssl_protocols TLSv1.2 TLSv1.3;")
        .contains("listen 80 default_server;", "return 301 https://shop.example$request_uri;")
        .anyMatch(line -> line.startsWith("ssl_session_cache shared:"))
        .filteredOn("server {"::equals)
        .hasSize(2);

    expectAccepted(conf);
  }

  /** Only its directories are those of the test: this user may not write the machine's. */
  private void expectAccepted(String text) throws IOException, InterruptedException {
    Path program = NginxProgram.find().orElse(null);
    Assumptions.assumeTrue(program != null, "no nginx here, and apt-get can't download one");
    Path conf =
        Files.writeString(
            directory.resolve("nginx.conf"),
            text.replace("/var/log/nginx", directory.toString())
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

  private static String shipped() throws IOException {
    return Files.readString(StampedeProcess.root().resolve("conf/nginx.conf"));
  }

  /** For a day and for nobody. */
  private void certificate() throws InterruptedException {
    String made =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=shop.example"
            + " -keyout shop.key -out shop.pem";
    try {
      Process openssl =
          new ProcessBuilder(List.of(made.split(" ")))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("openssl.log").toFile())
              .start();
      assertThat(openssl.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(openssl.exitValue()).isZero();
    } catch (IOException e) {
      Assumptions.abort("no openssl here: " + e.getMessage());
    }
  }

  private String temporaryPaths() {
    StringBuilder paths = new StringBuilder();
    for (String kind : new String[] {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      paths.append(kind).append("_temp_path ").append(directory.resolve(kind)).append(";\n");
    }
    return paths.toString();
  }
}
