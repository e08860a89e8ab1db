package stampede.rig.capacity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;

/**
 * What things cost, by name. {@code capacity-costs.properties} says of what measurement each is,
 * {@code capacity-assumptions.properties} why what nobody measured here is taken to be so.
 */
final class Costs {
  private static final String MEASURED = "/capacity-costs.properties";
  private static final String ASSUMED = "/capacity-assumptions.properties";

  private final Properties values;

  private Costs(Properties values) {
    this.values = values;
  }

  /** What was measured takes the place of what was assumed. */
  static Costs known() {
    Properties values = new Properties();
    for (String file : List.of(ASSUMED, MEASURED)) {
      try (InputStream in = Costs.class.getResourceAsStream(file)) {
        values.load(in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new Costs(values);
  }

  double of(String name) {
    String value = values.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is neither measured nor assumed");
    }
    return Double.parseDouble(value);
  }

  Costs withSlowerRedis(double times) {
    Properties slower = new Properties();
    slower.putAll(values);
    for (String name : List.of("redis.eventMicros", "redis.appendMicros", "redis.answerMicros")) {
      slower.setProperty(name, Double.toString(times * of(name)));
    }
    return new Costs(slower);
  }

  /** How a node of that kind stops to collect its garbage. */
  Loop.Pause pauseOf(String role) {
    return new Loop.Pause(of(role + ".pauseMicros"), of(role + ".pausePercent") / 100);
  }

  /** The part of an append's answer that no processor works on. */
  double fsyncMicros() {
    return Math.max(0, of("redis.answerMicros") - of("redis.appendMicros"));
  }
}
