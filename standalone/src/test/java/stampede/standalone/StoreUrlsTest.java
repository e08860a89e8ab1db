package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreUrlsTest {
  private static final String REDIS = "redis://:pw@127.0.0.1:1";
  private static final String MYSQL = "mysql://stampede:pw@127.0.0.1:2/stampede";

  @TempDir Path directory;

  @Test
  void whatIsKeptIsFoundByOtherCommandsAndReadableByNobodyElse() throws IOException {
    StoreUrls.keep(directory, Map.of(StoreUrls.REDIS, REDIS, StoreUrls.MYSQL, MYSQL));

    assertThat(StoreUrls.known(directory, Map.of()))
        .containsEntry(StoreUrls.REDIS, REDIS)
        .containsEntry(StoreUrls.MYSQL, MYSQL);
    assertThat(Files.getPosixFilePermissions(StoreUrls.file(directory)))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void theEnvironmentIsStronger() {
    StoreUrls.keep(directory, Map.of(StoreUrls.REDIS, REDIS, StoreUrls.MYSQL, MYSQL));

    assertThat(StoreUrls.known(directory, Map.of(StoreUrls.REDIS, "redis://other")))
        .containsEntry(StoreUrls.REDIS, "redis://other")
        .containsEntry(StoreUrls.MYSQL, MYSQL);
  }

  @Test
  void aStoppedShopIsForgotten() {
    StoreUrls.keep(directory, Map.of(StoreUrls.REDIS, REDIS));

    StoreUrls.forget(directory);

    assertThat(StoreUrls.known(directory, Map.of())).isEmpty();
  }
}
