package stampede.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Costs with the measurement each comes from, as {@code capacity-costs.properties} has them. */
final class CostsFile {
  private record Cost(double value, String from) {}

  private final Map<String, Cost> costs = new TreeMap<>();

  void put(String name, double value, String from) {
    costs.put(name, new Cost(value, from));
  }

  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    costs.forEach((name, cost) -> values.put(name, cost.value));
    return values;
  }

  void writeTo(Path file) {
    StringBuilder text = new StringBuilder();
    text.append("# Measured by: -Pbench -Dbench.parts=costs\n# ").append(Table.machine());
    text.append('\n');
    costs.forEach(
        (name, cost) ->
            text.append(
                String.format(Locale.ROOT, "# %s\n%s = %.2f\n", cost.from, name, cost.value)));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
