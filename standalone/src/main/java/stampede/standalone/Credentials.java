package stampede.standalone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** Passwords and files that only their owner may read. */
final class Credentials {
  private static final int SECRET_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Credentials() {}

  /** 32 random bytes. */
  static byte[] random() {
    byte[] bytes = new byte[SECRET_BYTES];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** 32 random bytes as base64url text: 43 characters, safe in a URL, a shell and an SQL string. */
  static String randomText() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random());
  }

  /** The password kept in a file, made at first use. */
  static String password(Path file) throws IOException {
    if (!Files.exists(file)) {
      writePrivate(file, randomText() + "\n");
    }
    String password = Files.readString(file).strip();
    if (!password.matches("[A-Za-z0-9_-]{32,}")) {
      throw new EnvironmentFault(
          file.toString(),
          "no password in it",
          "the file as it was made, or none and an empty directory");
    }
    return password;
  }

  /** Replaces a file by one of mode 600; it is never there with a wider mode, nor half written. */
  static void writePrivate(Path file, String text) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Path temporary =
        Files.createTempFile(
            directory,
            file.getFileName().toString(),
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
