package stampede;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import stampede.edge.admission.AdmissionLimits;
import stampede.edge.admission.Step;
import stampede.edge.admission.Suspicion;
import stampede.protocol.EdgeLimit;

/** One list of limits: on the wire, in the config, with their defaults, and in the doc. */
class LimitsDocTest {
  private static final Path DOC = Path.of("..", "docs", "limits.md");
  private static final Config DEFAULTS =
      ConfigFactory.parseResources(AdmissionLimits.class.getClassLoader(), "edge-defaults.conf");
  private static final Pattern LIVE =
      Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\d+) \\| [^|]+ \\| (\\d+)–(\\d+) \\|");

  @Test
  void everyLimitIsInTheDocWithItsDefaultAndBounds() throws IOException {
    Config limits = DEFAULTS.getConfig("limits");
    List<String> wanted =
        Arrays.stream(EdgeLimit.values())
            .map(
                limit ->
                    "%s %d %d–%d"
                        .formatted(
                            limit.text(), limits.getLong(limit.text()), limit.min(), limit.max()))
            .toList();
    Matcher row = LIVE.matcher(Files.readString(DOC));
    List<String> documented =
        row.results()
            .map(
                found ->
                    "%s %s %s–%s"
                        .formatted(found.group(1), found.group(2), found.group(3), found.group(4)))
            .toList();

    assertThat(documented).isEqualTo(wanted);
  }

  @Test
  void everyLimitIsAKeyOfTheConfig() {
    List<String> keys =
        Arrays.stream(AdmissionLimits.class.getRecordComponents())
            .map(RecordComponent::getName)
            .toList();

    assertThat(keys)
        .isEqualTo(Arrays.stream(EdgeLimit.values()).map(EdgeLimit::text).toList())
        .hasSameSizeAs(DEFAULTS.getObject("limits").keySet());
  }

  @Test
  void everyStepAndReasonIsInTheDoc() throws IOException {
    String doc = Files.readString(DOC);
    for (Step step : Step.values()) {
      assertThat(doc).contains("| `" + step.outcome().text()).contains("`" + step.text() + "` |");
    }
    for (Suspicion why : Suspicion.values()) {
      assertThat(doc).contains("(`" + why.text() + "`)");
    }
  }

  @Test
  void otherLimitsStandWithTheirDefaults() throws IOException {
    String doc = Files.readString(DOC);
    for (String key :
        List.of(
            "cooldownsMax",
            "usersMax",
            "addressesMax",
            "commandsPerUserMax",
            "queueMax",
            "batchesInFlightMax",
            "bytesInFlightMax")) {
      assertThat(doc).contains("| `" + key + "` | " + DEFAULTS.getLong(key) + " |");
    }
  }
}
