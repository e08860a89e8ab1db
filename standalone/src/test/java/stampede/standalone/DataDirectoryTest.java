package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path parent;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void makesSecretsOnceAndKeepsThem() throws IOException {
    Map<String, String> first = secrets(Map.of());

    Map<String, String> second = secrets(Map.of());

    assertThat(second).isEqualTo(first);
    assertThat(first.get("STAMPEDE_JWT_SECRET"))
        .hasSizeGreaterThanOrEqualTo(32)
        .isNotEqualTo(first.get("STAMPEDE_ADMIN_SECRET"));
    assertThat(first.get("STAMPEDE_PAYMENT_SECRET")).startsWith("whsec_");
    assertThat(Base64.getDecoder().decode(first.get("STAMPEDE_PAYMENT_SECRET").substring(6)))
        .hasSize(32);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(parent.resolve("data/secrets.env"))))
        .isEqualTo("rw-------");
  }

  @Test
  void saysWhereTheSecretsAreAndNeverWhat() {
    Map<String, String> secrets = secrets(Map.of());

    String said = printed.toString(StandardCharsets.UTF_8);
    assertThat(said).contains("secrets.env");
    secrets.values().forEach(secret -> assertThat(said).doesNotContain(secret));
  }

  @Test
  void aSecretOfTheEnvironmentWinsAndIsNotWrittenDown() throws IOException {
    Map<String, String> given = Map.of("STAMPEDE_JWT_SECRET", "given-".repeat(8));

    assertThat(secrets(given)).containsEntry("STAMPEDE_JWT_SECRET", "given-".repeat(8));

    assertThat(Files.readString(parent.resolve("data/secrets.env")))
        .doesNotContain("given-")
        .contains("STAMPEDE_ADMIN_SECRET=");
  }

  @Test
  void namesTheBadLineWithoutItsText() throws IOException {
    Files.createDirectories(parent.resolve("data"));
    Files.writeString(parent.resolve("data/secrets.env"), "# fine\nhunter2\n");

    assertThatThrownBy(() -> secrets(Map.of()))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining("secrets.env line 2")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aDirectoryInUseIsRefusedWithThePidOfItsUser() {
    try (DataDirectory mine = DataDirectory.open(parent.resolve("data"))) {
      assertThatThrownBy(() -> DataDirectory.open(parent.resolve("data")))
          .isInstanceOf(EnvironmentFault.class)
          .hasMessageContaining(mine.path().toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }

    DataDirectory.open(parent.resolve("data")).close();
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsNamed() throws IOException {
    Path file = Files.createFile(parent.resolve("file"));

    assertThatThrownBy(() -> DataDirectory.open(file))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining(file.toString());
  }

  private Map<String, String> secrets(Map<String, String> environment) {
    try (DataDirectory data = DataDirectory.open(parent.resolve("data"))) {
      PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
      return data.secrets(environment, out::println);
    }
  }
}
