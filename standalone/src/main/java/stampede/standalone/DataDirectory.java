package stampede.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The directory one command keeps its servers' files and its secrets in; locked while it is open,
 * so that two commands can never work on the same files. The kernel drops the lock when the process
 * dies.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String JWT = "STAMPEDE_JWT_SECRET";
  private static final String ADMIN = "STAMPEDE_ADMIN_SECRET";
  private static final String PAYMENT = "STAMPEDE_PAYMENT_SECRET";
  private static final String WEBHOOK = "STAMPEDE_WEBHOOK_SECRET";
  private static final List<String> SECRETS = List.of(JWT, ADMIN, PAYMENT, WEBHOOK);

  private static final String SECRETS_FILE = "secrets.env";

  private final Path path;
  private final FileChannel lockFile;

  private DataDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Creates the directory if need be and locks it.
   *
   * @throws EnvironmentFault if it cannot be written, or another process uses it (the message names
   *     its pid)
   */
  public static DataDirectory open(Path directory) {
    Path path = ServerProcess.privateDirectory(directory);
    FileChannel file = null;
    try {
      file =
          FileChannel.open(
              path.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (tryLock(file) == null) {
        String holder = holder(file);
        file.close();
        throw new EnvironmentFault(
            "--data " + path,
            "that process " + holder + " uses it",
            "another directory, or end that process first");
      }
      file.truncate(0)
          .write(
              ByteBuffer.wrap(
                  Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
              0);
      return new DataDirectory(path, file);
    } catch (IOException e) {
      throw EnvironmentFault.unwritable("--data " + path, e);
    }
  }

  /** The directory, absolute. */
  public Path path() {
    return path;
  }

  /** Where the secrets are kept that were made here. */
  public Path secretsFile() {
    return path.resolve(SECRETS_FILE);
  }

  /**
   * The secrets of the nodes: those of the environment as they are, the others from {@link
   * #secretsFile}, made at the first start.
   *
   * @param environment usually {@code System.getenv()}
   * @param told where the secrets are, never what they are
   * @return a value for each of the names
   * @throws EnvironmentFault if the file cannot be read or written, or has a line that is not
   *     {@code NAME=value}
   */
  public Map<String, String> secrets(Map<String, String> environment, Consumer<String> told) {
    Map<String, String> kept = read(secretsFile());
    Map<String, String> all = new LinkedHashMap<>();
    boolean made = false;
    for (String name : SECRETS) {
      String given = environment.getOrDefault(name, "");
      if (given.isEmpty() && !kept.containsKey(name)) {
        kept.put(name, make(name));
        made = true;
      }
      all.put(name, given.isEmpty() ? kept.get(name) : given);
    }
    if (made) {
      write(kept);
    }
    if (SECRETS.stream().anyMatch(name -> environment.getOrDefault(name, "").isEmpty())) {
      told.accept("secrets: " + secretsFile() + " (mode 600)");
    }
    return all;
  }

  /**
   * The secrets a command on this machine may use without owning the directory: the environment's,
   * else those kept in {@code directory}.
   */
  static Map<String, String> knownSecrets(Path directory, Map<String, String> environment) {
    Path file = directory.resolve(SECRETS_FILE);
    Map<String, String> known = Files.exists(file) ? read(file) : new LinkedHashMap<>();
    for (String name : SECRETS) {
      if (!environment.getOrDefault(name, "").isEmpty()) {
        known.put(name, environment.get(name));
      }
    }
    return known;
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it open already
    }
  }

  private static String holder(FileChannel file) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(20);
    file.read(pid, 0);
    String text = new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip();
    return text.isEmpty() ? "(unknown)" : text;
  }

  /**
   * The secrets of payments and webhooks in the form of Standard Webhooks, the others as text; each
   * carries 32 random bytes.
   */
  private static String make(String name) {
    return name.equals(PAYMENT) || name.equals(WEBHOOK)
        ? "whsec_" + Base64.getEncoder().encodeToString(Credentials.random())
        : Credentials.randomText();
  }

  /** Lines {@code NAME=value} of a file that only its owner may read; empty if there is none. */
  static Map<String, String> read(Path file) {
    Map<String, String> kept = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return kept;
    }
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (!line.isEmpty() && !line.startsWith("#")) {
          keep(file, kept, line, i + 1);
        }
      }
      return kept;
    } catch (IOException e) {
      throw new EnvironmentFault(
          file.toString(), "that it cannot be read: " + e.getMessage(), "a readable file", e);
    }
  }

  private static void keep(Path file, Map<String, String> kept, String line, int number) {
    int equals = line.indexOf('=');
    if (equals < 1 || equals == line.length() - 1) {
      throw new EnvironmentFault(
          file + " line " + number,
          "no NAME=value",
          "lines NAME=value, or no file: then new secrets are made");
    }
    kept.put(line.substring(0, equals), line.substring(equals + 1));
  }

  private void write(Map<String, String> kept) {
    StringBuilder text =
        new StringBuilder(
            "# Made by stampede at its first start here. Whoever reads this can be any shopper or operator.\n");
    kept.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
    try {
      Credentials.writePrivate(secretsFile(), text.toString());
    } catch (IOException e) {
      throw EnvironmentFault.unwritable(secretsFile(), e);
    }
  }
}
