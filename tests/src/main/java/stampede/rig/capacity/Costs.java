package stampede.rig.capacity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What was measured, by name; {@code capacity-costs.properties} says how each was. */
final class Costs {
  private static final String FILE = "/capacity-costs.properties";

  private final Properties values;

  private Costs(Properties values) {
    this.values = values;
  }

  static Costs measured() {
    try (InputStream in = Costs.class.getResourceAsStream(FILE)) {
      Properties values = new Properties();
      values.load(in);
      return new Costs(values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  double of(String name) {
    String value = values.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is not in " + FILE);
    }
    return Double.parseDouble(value);
  }

  /** The part of an append's answer that no processor works on. */
  double fsyncMicros() {
    return Math.max(0, of("redis.answerMicros") - of("redis.appendMicros"));
  }
}
