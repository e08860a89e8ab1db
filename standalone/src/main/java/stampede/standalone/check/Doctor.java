package stampede.standalone.check;

import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All checks, one after the other, the nearest first. */
public final class Doctor {
  private Doctor() {}

  /**
   * Blocks: some seconds, at worst a minute.
   *
   * @param environment {@code STAMPEDE_…} settings, stronger than {@code conf}
   * @param url the shop's public address; null = not checked
   * @param each hears every line at once
   * @throws stampede.standalone.EnvironmentFault if a setting can't be understood
   */
  public static List<CheckLine> examine(
      Vertx vertx,
      Map<String, String> environment,
      @Nullable Path conf,
      @Nullable URI url,
      Consumer<CheckLine> each) {
    CheckSettings settings = new CheckSettings(environment, conf);
    List<Supplier<List<CheckLine>>> checks =
        List.of(
            () -> MachineCheck.run(settings),
            () -> RedisCheck.run(vertx, settings),
            () -> MySqlCheck.run(vertx, settings),
            () -> List.of(JoinCheck.run(settings)),
            () -> FrontCheck.run(url, settings));
    List<CheckLine> lines = new ArrayList<>();
    for (Supplier<List<CheckLine>> check : checks) {
      List<CheckLine> found = check.get();
      found.forEach(each);
      lines.addAll(found);
    }
    return lines;
  }

  /** {@code 9 ok, 1 warn, 0 RED, 3 skipped}. */
  public static String summary(List<CheckLine> lines) {
    return List.of(
            CheckLine.Level.OK, CheckLine.Level.WARN, CheckLine.Level.RED, CheckLine.Level.SKIPPED)
        .stream()
        .map(
            level ->
                lines.stream().filter(line -> line.level() == level).count() + " " + level.text())
        .collect(Collectors.joining(", "));
  }
}
