package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackagedBinaryTest {
  @TempDir Path directory;

  @Test
  void whatIsNoElfProgramIsCopiedAsItIs() throws IOException {
    byte[] script = "#!/bin/sh\n".repeat(2_000).getBytes(StandardCharsets.US_ASCII);

    assertThat(loadedPart(script)).isEqualTo(script);
  }

  @Test
  void aProgramCutAfterItsLastSegmentStillRuns() throws IOException, InterruptedException {
    assumeTrue(PackagedBinary.runsHere());
    byte[] whole = Files.readAllBytes(Path.of("/bin/true").toRealPath());

    byte[] cut = loadedPart(whole);
    Path program = Files.write(directory.resolve("true"), cut);
    assertThat(program.toFile().setExecutable(true)).isTrue();

    assertThat(cut.length).isLessThan(whole.length);
    assertThat(new ProcessBuilder(program.toString()).start().waitFor()).isZero();
  }

  private static byte[] loadedPart(byte[] file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PackagedBinary.copyLoadedPart(new ByteArrayInputStream(file), out);
    return out.toByteArray();
  }
}
