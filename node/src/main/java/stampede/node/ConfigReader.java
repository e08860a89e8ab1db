package stampede.node;

import static com.typesafe.config.ConfigValueType.OBJECT;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;

/**
 * Binds a HOCON file to a record: config keys are the names of the record's components; a component
 * that is a record itself is a group of keys. For each key, strongest first: {@code
 * -Dstampede.httpPort}, environment {@code STAMPEDE_HTTP_PORT}, the given file, the defaults in the
 * jar; in a group {@code -Dstampede.limits.userBurst}, {@code STAMPEDE_LIMITS_USER_BURST}. Unknown
 * keys are refused.
 */
public final class ConfigReader {
  private static final String ENVIRONMENT_PREFIX = "STAMPEDE_";
  private static final String PROPERTY_PREFIX = "stampede.";

  private final Map<String, String> environment;
  private final Map<String, String> properties;

  public ConfigReader(Map<String, String> environment, Map<String, String> properties) {
    this.environment = environment;
    this.properties = properties;
  }

  /** Of this process. */
  public static ConfigReader ofProcess() {
    Map<String, String> properties = new LinkedHashMap<>();
    System.getProperties()
        .forEach((key, value) -> properties.put(key.toString(), value.toString()));
    return new ConfigReader(System.getenv(), properties);
  }

  /**
   * @param defaults class-path resource holding every key
   * @param file may be null: defaults, environment and properties only
   * @throws ConfigFault naming the setting, what was found and what is wanted
   */
  public <R extends Record> R read(Class<R> type, String defaults, @Nullable Path file) {
    Config merged = ConfigFactory.parseResources(type.getClassLoader(), defaults, strict());
    if (file != null) {
      Config given = parse(file);
      refuseUnknownKeys(type, given, "", file);
      merged = given.withFallback(merged);
    }
    return bind(type, resolved(merged, file), "");
  }

  /** One line a key, {@code key = value}, with secrets masked. */
  public static String describe(Record config) {
    StringBuilder text = new StringBuilder();
    describe(config, "", text);
    return text.toString();
  }

  private static void describe(Record config, String group, StringBuilder text) {
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      String name = group + component.getName();
      Object value = valueOf(component, config);
      if (value instanceof Record keys) {
        describe(keys, name + ".", text);
      } else {
        text.append(name).append(" = ").append(masked(name, String.valueOf(value))).append('\n');
      }
    }
  }

  /** {@code httpPort} → {@code STAMPEDE_HTTP_PORT}. */
  static String environmentName(String key) {
    String words = key.replaceAll("([A-Z])", "_$1").replace('.', '_');
    return ENVIRONMENT_PREFIX + words.toUpperCase(Locale.ROOT);
  }

  private static String masked(String name, String value) {
    if (name.matches("(?i).*(secret|password|token)")) {
      return value.isEmpty() ? "(not set)" : "****";
    }
    // Up to the last @ of the word: a password may hold any sign, and too much hidden does no harm.
    return value
        .replaceAll("(\\w+://[^:/@\\s]*):\\S*@", "$1:****@")
        .replaceAll("(?i)([?&](?:password|secret|token)=)[^&\\s]*", "$1****");
  }

  private static @Nullable Object valueOf(RecordComponent component, Record config) {
    try {
      return component.getAccessor().invoke(config);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component.toString(), e);
    }
  }

  private static ConfigParseOptions strict() {
    return ConfigParseOptions.defaults().setAllowMissing(false);
  }

  private static Config parse(Path file) {
    if (!Files.isReadable(file)) {
      throw new ConfigFault(
          "config file "
              + file.toAbsolutePath()
              + " can't be read; give an existing file with -conf");
    }
    try {
      return ConfigFactory.parseFile(file.toFile(), strict());
    } catch (ConfigException e) {
      throw new ConfigFault(
          "config file " + file + " is not valid HOCON: " + masked("", e.getMessage()));
    }
  }

  private static Config resolved(Config merged, @Nullable Path file) {
    try {
      return merged.resolve();
    } catch (ConfigException e) {
      throw new ConfigFault("config file " + file + ": " + masked("", e.getMessage()));
    }
  }

  private static void refuseUnknownKeys(Class<?> type, Config given, String group, Path file) {
    List<String> known = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String key = component.getName();
      known.add(key);
      boolean isGroup = component.getType().isRecord() && given.hasPath(key);
      if (isGroup && given.getValue(key).valueType() == OBJECT) {
        refuseUnknownKeys(component.getType(), given.getConfig(key), group + key + ".", file);
      }
    }
    for (String key : given.root().keySet()) {
      if (!known.contains(key)) {
        throw new ConfigFault(
            file
                + ": unknown setting \""
                + group
                + key
                + "\"; did you mean \""
                + group
                + nearest(key, known)
                + "\"?");
      }
    }
  }

  private <R> R bind(Class<R> type, Config config, String group) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(components[i], config, group);
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof ConfigFault fault) {
        throw fault;
      }
      if (e.getCause() instanceof InvalidField invalid) {
        throw new ConfigFault(
            invalid.getMessage()
                + " (setting \""
                + group
                + invalid.field()
                + "\", environment "
                + environmentName(group + invalid.field())
                + ")");
      }
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " can't be made from a config", e);
    }
  }

  private Object value(RecordComponent component, Config config, String group) {
    String key = group + component.getName();
    if (component.getType().isRecord()) {
      if (config.hasPath(path(key)) && config.getValue(path(key)).valueType() != OBJECT) {
        throw new ConfigFault("setting \"" + key + "\" must be a group of keys in braces");
      }
      return bind(component.getType(), config, key + ".");
    }
    String override =
        properties.getOrDefault(PROPERTY_PREFIX + key, environment.get(environmentName(key)));
    try {
      Config source = override == null ? config : ConfigFactory.parseMap(Map.of(key, override));
      return read(component.getType(), source, path(key), override);
    } catch (ConfigException.Missing e) {
      throw new ConfigFault(
          "setting \""
              + key
              + "\" is missing; set it in the config file or as "
              + environmentName(key));
    } catch (ConfigException e) {
      String found =
          override != null ? override : config.getValue(path(key)).unwrapped().toString();
      throw new ConfigFault(
          "setting \""
              + key
              + "\" is \""
              + masked(key, found)
              + "\" but must be a "
              + wanted(component.getType()));
    }
  }

  private static String path(String key) {
    return ConfigUtil.joinPath(key.split("\\."));
  }

  private static String wanted(Class<?> type) {
    if (type == int.class || type == long.class) {
      return "whole number" + (type == int.class ? " up to " + Integer.MAX_VALUE : "");
    } else if (type == double.class) {
      return "number";
    } else if (type == boolean.class) {
      return "switch: true or false";
    } else if (type == List.class) {
      return "list";
    }
    return "text";
  }

  private static Object read(Class<?> type, Config source, String path, @Nullable String override) {
    if (type == int.class) {
      requireWhole(source, path);
      return source.getInt(path);
    } else if (type == long.class) {
      requireWhole(source, path);
      return source.getLong(path);
    } else if (type == double.class) {
      return source.getDouble(path);
    } else if (type == boolean.class) {
      return source.getBoolean(path);
    } else if (type == String.class) {
      return source.getString(path);
    } else if (type == List.class) {
      return override == null
          ? source.getStringList(path)
          : override.isBlank() ? List.of() : List.of(override.strip().split("\\s*,\\s*"));
    }
    throw new AssertionError("a config component of type " + type);
  }

  /** The library would cut the fraction off. */
  private static void requireWhole(Config source, String path) {
    double value = source.getDouble(path);
    if (value != Math.rint(value)) {
      throw new ConfigException.WrongType(source.origin(), path + " has a fraction");
    }
  }

  private static String nearest(String key, List<String> known) {
    String best = known.get(0);
    for (String candidate : known) {
      if (distance(key, candidate) < distance(key, best)) {
        best = candidate;
      }
    }
    return best;
  }

  /** Levenshtein distance, case ignored. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same =
            Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
        int next = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
        diagonal = row[j];
        row[j] = next;
      }
    }
    return row[b.length()];
  }
}
