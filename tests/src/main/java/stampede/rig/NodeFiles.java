package stampede.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The files nodes of a test's own cluster are started with. */
public final class NodeFiles {
  private static final int MEMBERS_MAX = 8;

  private NodeFiles() {}

  /** The project's own, for a cluster on this machine that no other one joins. */
  public static Path clusterXml(Path directory) {
    int port = portsFrom();
    String members =
        IntStream.range(port, port + MEMBERS_MAX)
            .mapToObj(each -> "<member>127.0.0.1:" + each + "</member>")
            .collect(Collectors.joining());
    try {
      String text = Files.readString(StampedeProcess.root().resolve("cluster.xml"));
      String own =
          text.replaceFirst(
                  "<cluster-name>.*</cluster-name>",
                  "<cluster-name>test-" + port + "</cluster-name>")
              .replaceFirst("<member>127.0.0.1</member>", members)
              .replaceFirst(
                  "<port auto-increment=\"true\" port-count=\"20\">5701</port>",
                  "<port auto-increment=\"true\" port-count=\""
                      + MEMBERS_MAX
                      + "\">"
                      + port
                      + "</port>");
      return Files.writeString(directory.resolve("cluster.xml"), own);
    } catch (IOException e) {
      throw new AssertionError("no cluster.xml for a test", e);
    }
  }

  /** Below the ports the system hands out, so that the next ones are probably free too. */
  private static int portsFrom() {
    return 20_000 + (int) (ProcessHandle.current().pid() % 1_000) * MEMBERS_MAX;
  }
}
