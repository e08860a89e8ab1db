package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireSocket;

/**
 * The system calls of a shop's Redis beside what its shoppers hear: every order was written to the
 * log, and that file was synced, before its shopper was told. Skipped where there is no {@code
 * strace} or it may not trace.
 */
@Timeout(240)
class FsyncTraceIT {
  private static final int SHOPPERS = 20;
  private static final int ROUNDS = 50;
  private static final int STANDARD_ERROR = 2;
  private static final Pattern CALL =
      Pattern.compile(
          "(?<at>\\d+\\.\\d+) (?<name>\\w+)\\((?<file>\\d+).*\\) += (?<result>-?\\d+).* <(?<took>[\\d.]+)>");
  private static final Pattern KEY = Pattern.compile("trace-\\d+-\\d+-end");

  @TempDir Path directory;

  @Test
  void everyOneOfAThousandOrdersIsSyncedBeforeItsShopperIsTold() throws Exception {
    assumeTrue(installed("strace"), "strace is not installed");
    try (RunningShop shop = RunningShop.start(directory)) {
      long redis = StampedeProcess.serverPid(shop.data(), "redis");
      Path trace = directory.resolve("trace");
      Process strace = attach(redis, trace);
      Map<String, Double> told;
      try {
        assumeTrue(awaitAttached(strace, redis), "strace may not trace here");
        told = sell(shop);
      } finally {
        strace.destroy(); // SIGTERM: it lets go of the server and ends
        strace.waitFor(10, TimeUnit.SECONDS);
      }
      assertThat(told).hasSize(SHOPPERS * ROUNDS);
      expectSyncedBefore(trace, told);
    }
  }

  private static boolean installed(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static Process attach(long pid, Path trace) throws IOException {
    return new ProcessBuilder(
            "strace",
            "-ttt",
            "-T",
            "-s",
            "1048576",
            "-o",
            trace.toString(),
            "-e",
            "trace=write,writev,fsync,fdatasync",
            "-p",
            Long.toString(pid))
        .redirectErrorStream(true)
        .redirectOutput(trace.resolveSibling("strace.log").toFile())
        .start();
  }

  /** False if it ended instead. */
  private static boolean awaitAttached(Process strace, long pid) {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .until(
            () ->
                !strace.isAlive()
                    || Files.readString(status).contains("TracerPid:\t" + strace.pid()));
    return strace.isAlive();
  }

  /** Every shopper shakes again as soon as it was told; when that was, seconds since 1970. */
  private static Map<String, Double> sell(RunningShop shop) throws Exception {
    String item =
        shop.openItem(SHOPPERS * ROUNDS, JsonObject.of("limitPerUser", ROUNDS, "cooldownMs", 0));
    Map<String, Double> told = new ConcurrentHashMap<>();
    ExecutorService shoppers = Executors.newFixedThreadPool(SHOPPERS);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < SHOPPERS; i++) {
        int shopper = i;
        String token = shop.login("tracer-" + i);
        ends.add(shoppers.submit(() -> shop(shop, token, item, shopper, told)));
      }
      for (Future<?> end : ends) {
        end.get(120, TimeUnit.SECONDS);
      }
    } finally {
      shoppers.shutdownNow();
    }
    return told;
  }

  private static void shop(
      RunningShop shop, String token, String item, int shopper, Map<String, Double> told) {
    try (WireSocket socket = shop.socket(token)) {
      for (int round = 0; round < ROUNDS; round++) {
        String key = key(shopper, round);
        socket.send(shake(item, key));
        socket.await(frame -> isAccepted(frame, key));
        Instant now = Instant.now();
        told.put(key, now.getEpochSecond() + now.getNano() / 1e9);
      }
    }
  }

  private static boolean isAccepted(JsonObject frame, String key) {
    return key.equals(frame.getString("key")) && "accepted".equals(frame.getString("outcome"));
  }

  private static JsonObject shake(String item, String key) {
    return JsonObject.of("type", "shake", "key", key, "item", item, "quantity", 1);
  }

  private static String key(int shopper, int round) {
    return "trace-" + shopper + "-" + round + "-end";
  }

  private static void expectSyncedBefore(Path trace, Map<String, Double> told) throws IOException {
    List<String> calls = Files.readAllLines(trace, StandardCharsets.ISO_8859_1);
    String log = syncedFile(calls);
    Map<String, Double> synced = new HashMap<>();
    List<String> unsynced = new ArrayList<>();
    for (String line : calls) {
      Matcher call = CALL.matcher(line);
      if (!call.matches()) {
        continue;
      }
      boolean ofLog = call.group("file").equals(log);
      if (!call.group("name").endsWith("sync")) {
        if (ofLog) {
          KEY.matcher(line).results().forEach(key -> unsynced.add(key.group()));
        } else if (Integer.parseInt(call.group("file")) > STANDARD_ERROR) {
          assertThat(unsynced).as("answered before the sync: " + line).isEmpty();
        }
      } else if (ofLog && call.group("result").equals("0")) {
        double end = Double.parseDouble(call.group("at")) + Double.parseDouble(call.group("took"));
        unsynced.forEach(key -> synced.putIfAbsent(key, end));
        unsynced.clear();
      }
    }
    assertThat(synced).containsKeys(told.keySet().toArray(String[]::new));
    told.forEach((key, at) -> assertThat(at).as(key).isGreaterThan(synced.get(key)));
  }

  private static String syncedFile(List<String> calls) {
    List<String> files =
        calls.stream()
            .map(CALL::matcher)
            .filter(call -> call.matches() && call.group("name").endsWith("sync"))
            .map(call -> call.group("file"))
            .distinct()
            .toList();
    assertThat(files).as("files that were synced").hasSize(1);
    return files.get(0);
  }
}
