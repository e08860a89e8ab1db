package stampede.standalone;

import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stampede.standalone.reconcile.Reconciliation;

/** {@code stampede reconcile}: whether journal, orders and stock tell the same story. */
@Command(
    name = "reconcile",
    mixinStandardHelpOptions = true,
    description =
        "Compares the journal in Redis with orders and stock in MySQL and prints every difference;"
            + " works on a shop that sells.",
    exitCodeList = {
      "0:balanced",
      "1:differences, or a repair that can't be done",
      "2:wrong use, or a store can't be reached"
    })
final class Reconcile implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "data directory of a shop that runs here (default: ${DEFAULT-VALUE})",
      defaultValue = "data")
  private Path data = Path.of("data");

  @Option(
      names = "--redis",
      paramLabel = "URL",
      description = "the journal (default: STAMPEDE_REDIS_URL, else that of --data)")
  private @Nullable String redis;

  @Option(
      names = "--mysql",
      paramLabel = "URL",
      description = "the orders (default: STAMPEDE_MYSQL_URL, else those of --data)")
  private @Nullable String mysql;

  @Option(
      names = "--repair",
      paramLabel = "PARTITION",
      description =
          "when the journal of this partition ends before what was drained from it: append what can"
              + " be made again from MySQL, all or nothing")
  private @Nullable Integer repair;

  @Option(
      names = "--reports",
      paramLabel = "DIR",
      description = "where a repair lists the orders the journal lacks (default: ${DEFAULT-VALUE})",
      defaultValue = ".")
  private Path reports = Path.of(".");

  @Option(names = "--yes", description = "do not ask before a repair")
  private boolean yes;

  private final PrintStream out = System.out;

  @Override
  public Integer call() {
    Map<String, String> urls = urls();
    Vertx vertx = Vertx.vertx();
    try {
      Reconciliation reconciliation =
          Reconciliation.open(
              vertx, require(urls, StoreUrls.REDIS), require(urls, StoreUrls.MYSQL), out);
      boolean good =
          repair == null
              ? reconciliation.compare() == 0
              : reconciliation.repair(repair, reports(), this::confirmed);
      return good ? Stampede.GOOD : Stampede.BROKEN;
    } finally {
      OneProcess.await(vertx.close(), 10);
    }
  }

  private Map<String, String> urls() {
    Map<String, String> given = new HashMap<>(System.getenv());
    if (redis != null) {
      given.put(StoreUrls.REDIS, redis);
    }
    if (mysql != null) {
      given.put(StoreUrls.MYSQL, mysql);
    }
    return StoreUrls.known(data, given);
  }

  private String require(Map<String, String> urls, String name) {
    String url = urls.get(name);
    if (url == null) {
      throw new EnvironmentFault(
          name,
          "nothing in the environment and no shop that runs in " + data.toAbsolutePath(),
          "a url, or --data with the directory of a running 'stampede up'");
    }
    return url;
  }

  private Path reports() {
    if (!Files.isDirectory(reports) || !Files.isWritable(reports)) {
      throw new EnvironmentFault(
          "--reports", reports.toAbsolutePath().toString(), "a directory that can be written");
    }
    return reports;
  }

  private boolean confirmed() {
    if (yes) {
      return true;
    }
    out.printf("Type the number of the partition to append them, anything else to stop: ");
    out.flush();
    try {
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      return line != null && line.strip().equals(String.valueOf(repair));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
