package stampede.standalone.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/**
 * The classes of one jar as the JVM keeps them in memory, in a file the next start maps: that saves
 * half of a node's start. Made by the JVM itself when it ends in order; named by jar and JDK, so
 * that neither is ever served the file of another.
 *
 * @param file may not exist yet
 */
record ClassArchive(Path file) {
  private static final String MAKING = ".making";

  /**
   * Of a jar and this JDK; beside the jar, in {@code target/cds}.
   *
   * @param elsewhere where a checkout that can't be written has its archives
   */
  static ClassArchive of(Path jar, Path elsewhere) {
    Path beside = Objects.requireNonNull(jar.toAbsolutePath().getParent()).resolve("cds");
    try {
      long build = 31 * Files.size(jar) + Files.getLastModifiedTime(jar).toMillis();
      String jdk = System.getProperty("java.vm.version") + System.getProperty("java.home");
      String name =
          jar.getFileName()
              + "-"
              + Long.toHexString(build)
              + "-"
              + Integer.toHexString(jdk.hashCode());
      return new ClassArchive(directory(beside, elsewhere).resolve(name + ".jsa"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Arguments of a JVM that uses it, or has nothing to use. */
  List<String> use() {
    return Files.isReadable(file)
        ? List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + file)
        : List.of();
  }

  /**
   * Arguments of a JVM that makes it at its end; {@link #keep} then says whether it may be used.
   */
  List<String> make() {
    return List.of(
        "-XX:ArchiveClassesAtExit=" + making(), "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
  }

  boolean exists() {
    return Files.isReadable(file);
  }

  /**
   * After the end of the JVM that was to make it.
   *
   * @param inOrder false: the file may be half written
   */
  void keep(boolean inOrder) {
    try {
      if (inOrder && Files.isRegularFile(making())) {
        Files.move(making(), file, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.deleteIfExists(making());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of this process: several may be at it at the same time. */
  private Path making() {
    return file.resolveSibling(file.getFileName() + MAKING + ProcessHandle.current().pid());
  }

  private static Path directory(Path beside, Path elsewhere) throws IOException {
    Path target = beside.getParent();
    return Files.createDirectories(target != null && Files.isWritable(target) ? beside : elsewhere);
  }
}
