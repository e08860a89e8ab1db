package stampede.standalone.check;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.standalone.EnvironmentFault;

/**
 * The settings a node of any role would have: the environment's {@code STAMPEDE_…} over a file of
 * {@code conf/}. Unlike a node's own reading it takes the keys of all roles, since it checks for
 * all of them.
 */
final class CheckSettings {
  private final Map<String, String> environment;
  private final Config file;

  /**
   * @throws EnvironmentFault if {@code file} can't be read
   */
  CheckSettings(Map<String, String> environment, @Nullable Path file) {
    this.environment = environment;
    this.file = file == null ? ConfigFactory.empty() : parse(file);
  }

  private static Config parse(Path file) {
    if (!Files.isReadable(file)) {
      throw new EnvironmentFault("--conf", file + ", which can't be read", "a file as in conf/");
    }
    try {
      return ConfigFactory.parseFile(
              file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
          .resolve();
    } catch (ConfigException e) {
      throw new EnvironmentFault(
          "--conf",
          file + ", which is not valid HOCON (" + e.origin().description() + ")",
          "HOCON");
    }
  }

  /** Empty when it is not given anywhere. */
  String text(String key) {
    String given = environment.getOrDefault(variable(key), "");
    if (!given.isEmpty()) {
      return given;
    }
    try {
      return file.hasPath(key) ? file.getString(key) : "";
    } catch (ConfigException e) {
      throw new EnvironmentFault("--conf", key + " that is no text", "a text");
    }
  }

  boolean has(String key) {
    return !text(key).isEmpty();
  }

  /**
   * @throws EnvironmentFault if what is given is not a number from 0 to {@code max}
   */
  int number(String key, int otherwise, int max) {
    String given = text(key);
    if (given.isEmpty()) {
      return otherwise;
    }
    if (given.matches("[0-9]{1,9}") && Integer.parseInt(given) <= max) {
      return Integer.parseInt(given);
    }
    throw new EnvironmentFault(variable(key), given, "a number from 0 to " + max);
  }

  /** {@code httpPort} → {@code STAMPEDE_HTTP_PORT}. */
  static String variable(String key) {
    return "STAMPEDE_" + key.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
  }
}
