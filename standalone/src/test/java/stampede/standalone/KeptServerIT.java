package stampede.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class KeptServerIT {
  private static final Duration GRACE = Duration.ofSeconds(1);

  @TempDir Path directory;
  private final AtomicInteger starts = new AtomicInteger();
  private final List<KeptServer> kept = new ArrayList<>();

  @AfterEach
  void stopAll() {
    kept.forEach(KeptServer::stop);
  }

  @Test
  void aKilledServerIsStartedAgain() {
    KeptServer server = kept("sleep 100");
    long first = server.pid();

    kill(first);

    await().atMost(10, SECONDS).until(() -> server.pid() != first && runs(server.pid()));
    assertThat(starts).hasValue(2);
  }

  @Test
  void aServerThatDoesNotStayIsStartedLessAndLessOften() throws InterruptedException {
    KeptServer server = kept("sleep 0.05");

    TimeUnit.MILLISECONDS.sleep(4_500);

    // 1 s and 2 s apart at the least; the third pause would end after seven.
    assertThat(starts.get()).isBetween(2, 3);
    server.stop();
    int atStop = starts.get();
    TimeUnit.MILLISECONDS.sleep(1_500);
    assertThat(starts).hasValue(atStop);
  }

  @Test
  void aStoppedServerStaysStopped() throws InterruptedException {
    KeptServer server = kept("sleep 100");

    server.stop();

    TimeUnit.MILLISECONDS.sleep(500);
    assertThat(starts).hasValue(1);
    assertThat(runs(server.pid())).isFalse();
  }

  private KeptServer kept(String script) {
    KeptServer server =
        new KeptServer(
            "test server", launch(script), () -> launch(script), () -> true, Duration.ofSeconds(5));
    kept.add(server);
    server.keepAlive();
    return server;
  }

  private ServerProcess launch(String script) {
    starts.incrementAndGet();
    return ServerProcess.start(
        "test server", directory, GRACE, List.of("/bin/sh", "-c", "exec " + script));
  }

  private static boolean runs(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }
}
