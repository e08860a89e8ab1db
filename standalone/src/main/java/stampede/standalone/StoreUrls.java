package stampede.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the servers of a running shop are, kept in its data directory so that other commands find
 * them. Only servers of its own: the addresses of others, and their passwords, are for whoever gave
 * them to keep.
 */
public final class StoreUrls {
  public static final String REDIS = "STAMPEDE_REDIS_URL";
  public static final String MYSQL = "STAMPEDE_MYSQL_URL";
  private static final String FILE = "stores.env";

  private StoreUrls() {}

  /** Writes the file (mode 600), replacing one a killed process left. */
  static void keep(Path directory, Map<String, String> urls) {
    StringBuilder text =
        new StringBuilder("# The servers of the shop that runs here; gone when it is stopped.\n");
    urls.forEach((name, url) -> text.append(name).append('=').append(url).append('\n'));
    try {
      Credentials.writePrivate(file(directory), text.toString());
    } catch (IOException e) {
      throw EnvironmentFault.unwritable(file(directory), e);
    }
  }

  static void forget(Path directory) {
    try {
      Files.deleteIfExists(file(directory));
    } catch (IOException e) {
      System.err.println(
          "stampede: " + file(directory) + " could not be deleted: " + e.getMessage());
    }
  }

  /** Those of the environment, else those of the shop that runs in {@code directory}. */
  static Map<String, String> known(Path directory, Map<String, String> environment) {
    Map<String, String> known = new LinkedHashMap<>(DataDirectory.read(file(directory)));
    for (String name : new String[] {REDIS, MYSQL}) {
      if (!environment.getOrDefault(name, "").isEmpty()) {
        known.put(name, environment.get(name));
      }
    }
    return known;
  }

  static Path file(Path directory) {
    return directory.resolve(FILE);
  }
}
