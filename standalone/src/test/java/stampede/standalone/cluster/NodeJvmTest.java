package stampede.standalone.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the JVM makes of the options. */
class NodeJvmTest {
  private static final Pattern FLAG = Pattern.compile("(?m)^ *\\w+ (\\w+) += (\\S*)");

  private static Map<String, String> flags(NodeRole role, int cores) throws Exception {
    List<String> line = new ArrayList<>(List.of(NodeLauncher.JAVA.toString()));
    line.addAll(NodeJvm.options(role, cores));
    line.addAll(List.of("-XX:+PrintFlagsFinal", "-version"));
    Process jvm = new ProcessBuilder(line).redirectErrorStream(true).start();
    String told = read(jvm);
    assertThat(jvm.waitFor()).as(told).isZero();
    assertThat(told).doesNotContainIgnoringCase("warning:");
    return FLAG.matcher(told)
        .results()
        .collect(Collectors.toMap(m -> m.group(1), m -> m.group(2), (a, b) -> a));
  }

  private static String read(Process jvm) throws IOException {
    return new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void whereCoresAreFewCompilersGiveWayAndOnlyAnEdgeHasBoth() throws Exception {
    assertThat(flags(NodeRole.EDGE, 2))
        .containsEntry("CompilerThreadPriority", "10")
        .containsEntry("ThreadPriorityPolicy", "1")
        .containsEntry("TieredStopAtLevel", "4");
    assertThat(flags(NodeRole.SALE, 4))
        .containsEntry("CompilerThreadPriority", "10")
        .containsEntry("TieredStopAtLevel", "1");
    assertThat(flags(NodeRole.PERSIST, 2)).containsEntry("TieredStopAtLevel", "1");
  }

  @Test
  void whereThereAreMoreTheyAreAsTheJvmHasThem() throws Exception {
    assertThat(flags(NodeRole.SALE, 5))
        .containsEntry("CompilerThreadPriority", "-1")
        .containsEntry("TieredStopAtLevel", "4")
        .containsEntry("AlwaysPreTouch", "true");
  }
}
