package stampede.standalone.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/**
 * The classes of one jar as the JVM keeps them in memory, in a file that the next start maps: that
 * saves about half of a node's start. Named by jar and JDK, so that neither meets the file of
 * another.
 *
 * @param file may not exist yet
 */
record ClassArchive(Path jar, Path file) {
  /**
   * Of a jar and this JDK; beside the jar, in {@code target/cds}.
   *
   * @param elsewhere where a build tree that can't be written has its archives
   */
  static ClassArchive of(Path jar, Path elsewhere) {
    Path target = Objects.requireNonNull(jar.toAbsolutePath().getParent());
    Path directory = Files.isWritable(target) ? target.resolve("cds") : elsewhere;
    try {
      Files.createDirectories(directory);
      long build = 31 * Files.size(jar) + Files.getLastModifiedTime(jar).toMillis();
      String jdk = System.getProperty("java.vm.version") + System.getProperty("java.home");
      String key = Long.toHexString(build) + "-" + Integer.toHexString(jdk.hashCode());
      return new ClassArchive(jar, directory.resolve(prefix(jar) + key + ".jsa"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean exists() {
    return Files.isReadable(file);
  }

  /** Arguments of a JVM that uses it. */
  List<String> use() {
    return List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + file);
  }

  /** Arguments of a JVM that writes down which classes it loads. */
  static List<String> list(Path classList) {
    return List.of("-XX:DumpLoadedClassList=" + classList);
  }

  /**
   * The command that makes the archive, beside its place; then {@link #keep}.
   *
   * @param classList of a JVM that ran from the same jar
   */
  List<String> command(Path java, Path classList) {
    return List.of(
        java.toString(),
        "-Xshare:dump",
        "-XX:SharedClassListFile=" + classList,
        "-XX:SharedArchiveFile=" + made(),
        "-Xlog:cds=off",
        "-Xlog:class+path=off",
        "-Xmx512m",
        "-cp",
        jar.toString());
  }

  /** Gives what was made its name, and forgets the archives of older builds. */
  void keep() throws IOException {
    Files.move(made(), file, StandardCopyOption.ATOMIC_MOVE);
    Path directory = Objects.requireNonNull(file.getParent());
    try (var archives = Files.newDirectoryStream(directory, prefix(jar) + "*.jsa")) {
      for (Path archive : archives) {
        if (!archive.equals(file)) {
          Files.delete(archive);
        }
      }
    }
  }

  void discard() throws IOException {
    Files.deleteIfExists(made());
  }

  /** Of this process: several may be at it at the same time. */
  private Path made() {
    return file.resolveSibling(file.getFileName() + ".of-" + ProcessHandle.current().pid());
  }

  private static String prefix(Path jar) {
    return jar.getFileName() + "-";
  }
}
