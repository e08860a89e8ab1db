package stampede.standalone;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import stampede.standalone.crowd.Crowd;
import stampede.standalone.crowd.CrowdPlan;
import stampede.standalone.crowd.CrowdReport;
import stampede.standalone.verdict.MySqlBooks;
import stampede.standalone.verdict.Verdict;

/** {@code stampede demo}: a real sale in one process, and whether its books balance. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Opens an item, lets a crowd of WebSocket clients shake for it, and checks the books against what the crowd was told.",
    exitCodeList = {
      "0:the books balance",
      "1:the books are BROKEN",
      "2:wrong use, or something of this machine is missing"
    })
final class Demo implements Callable<Integer> {
  private static final int LIMIT_PER_USER = 1;
  private static final long COOLDOWN_MS = 1_000;
  private static final long DRAIN_QUIET_MS = 30_000;
  private static final long TOKEN_SECONDS = 3_600;

  /** A crowd connects at least at this many sockets a second on a small machine with a cold JVM. */
  private static final int CONNECTS_A_SECOND = 400;

  @Option(
      names = "--stock",
      description = "units on sale (default: ${DEFAULT-VALUE})",
      defaultValue = "100")
  private int stock = 100;

  @Option(
      names = "--crowd",
      description = "shoppers, a socket each (default: ${DEFAULT-VALUE})",
      defaultValue = "2000")
  private int crowd = 2_000;

  @Option(
      names = "--seconds",
      description = "how long they shake (default: ${DEFAULT-VALUE})",
      defaultValue = "15")
  private int seconds = 15;

  @Option(names = "--seed", description = "of everything the crowd draws (default: a new one)")
  private @Nullable Long seed;

  @Option(names = "--keep", description = "stay up after the verdict, until Ctrl-C")
  private boolean keep;

  @Option(names = "--json", paramLabel = "FILE", description = "write the verdict here too")
  private @Nullable Path json;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws Exception {
    requireRange("--stock", stock, 5_000_000);
    requireRange("--crowd", crowd, CrowdPlan.USERS_MAX);
    requireRange("--seconds", seconds, 3_600);
    Path directory = Files.createTempDirectory("stampede-demo-");
    try (Shutdown shutdown = new Shutdown()) {
      shutdown.last(() -> delete(directory));
      return sale(directory, shutdown);
    }
  }

  private int sale(Path directory, Shutdown shutdown) throws IOException {
    DataDirectory data = shutdown.closing(DataDirectory.open(directory));
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.putAll(data.secrets(environment, out::println));
    out.println("starting Redis and MariaDB in " + directory);
    Stores stores = shutdown.opening(() -> Stores.open(directory, environment));
    stores.origins().forEach(line -> out.println("  " + line));
    OneProcess process = shutdown.closing(OneProcess.start(stores, environment, true));
    printUrls(process, directory);
    CrowdPlan plan = openItem(process, environment);
    out.printf(
        "item %s: %d units, %d shoppers, opens in %d s, seed %d%n",
        plan.item(), stock, crowd, secondsUntil(plan.opensAt()), plan.seed());
    Verdict verdict = judge(plan, process, stores, environment, shutdown);
    out.print(verdict.toText());
    if (json != null) {
      Files.writeString(json, verdict.toJson().encodePrettily() + "\n");
    }
    if (keep) {
      printUrls(process, directory);
      out.println("staying up; Ctrl-C ends it");
      shutdown.awaitSignal(verdict.judgement().exitCode());
    }
    return verdict.judgement().exitCode();
  }

  private Verdict judge(
      CrowdPlan plan,
      OneProcess process,
      Stores stores,
      Map<String, String> environment,
      Shutdown shutdown) {
    Tokens tokens = new Tokens(environment.get("STAMPEDE_JWT_SECRET"));
    Instant expires = Instant.now().plusSeconds(TOKEN_SECONDS + seconds);
    long boundSeconds =
        secondsUntil(plan.endsAt()) + TimeUnit.MILLISECONDS.toSeconds(Crowd.SETTLE_MAX_MS) + 30;
    CrowdReport report =
        OneProcess.await(
            Crowd.run(
                plan,
                user -> tokens.shopper(user, expires),
                progress -> out.println("  " + progress.line())),
            boundSeconds);
    MySqlBooks books = shutdown.closing(new MySqlBooks(process.vertx(), stores.mysqlUrl()));
    int told =
        Math.toIntExact(
            report.users().stream()
                .flatMap(user -> user.keys().stream())
                .filter(key -> key.accepted())
                .count());
    var rows =
        OneProcess.await(
            books.readWhenQuiet(plan.item(), told, DRAIN_QUIET_MS), DRAIN_QUIET_MS / 1_000 + 10);
    return Verdict.compute(report, rows, LIMIT_PER_USER, Version.text());
  }

  /** As an operator would: create, publish. */
  private CrowdPlan openItem(OneProcess process, Map<String, String> environment) {
    String operator =
        new Tokens(environment.get("STAMPEDE_ADMIN_SECRET"))
            .operator("demo", List.of("admin"), Instant.now().plusSeconds(600));
    long opensAt = System.currentTimeMillis() + 2_000 + 1_000L * crowd / CONNECTS_A_SECOND;
    try (AdminClient admin =
        AdminClient.connect(process.vertx(), URI.create(process.managementUrl()), operator)) {
      String session =
          admin
              .require(
                  "admin.session.create",
                  new JsonObject()
                      .put("title", "Demo")
                      .put("opensAt", opensAt)
                      .put("closesAt", opensAt + TimeUnit.HOURS.toMillis(2) + seconds * 1_000L)
                      .put("zone", "UTC"))
              .getString("session");
      String item = admin.require("admin.item.create", item(session)).getString("item");
      JsonObject published =
          admin.require("admin.session.publish", new JsonObject().put("session", session));
      if (!published.getJsonArray("missing", new JsonArray()).isEmpty()) {
        throw new IllegalStateException("not published: " + published.encode());
      }
      long drawn = seed != null ? seed : ThreadLocalRandom.current().nextInt(1, 1_000_000);
      return new CrowdPlan(URI.create(process.httpUrl()), item, crowd, seconds, drawn, opensAt);
    }
  }

  private JsonObject item(String session) {
    return new JsonObject()
        .put("session", session)
        .put("title", "Demo phone")
        .put("price", 100)
        .put("listPrice", 199_900)
        .put("currency", "CNY")
        .put("stock", stock)
        .put("limitPerUser", LIMIT_PER_USER)
        .put("payWithinSeconds", 3_600)
        .put("cooldownMs", COOLDOWN_MS)
        .put("gate", 1);
  }

  private void printUrls(OneProcess process, Path directory) {
    out.println("  shop       " + process.httpUrl() + "  (WebSocket /shake, HTTP /api/v1)");
    out.println(
        "  management "
            + process.managementUrl()
            + "  (/health/ready, admin socket /eventbus/websocket)");
    out.println(AdminToken.hint(process.managementUrl(), directory));
  }

  private static long secondsUntil(long epochMs) {
    return Math.max(0, (epochMs - System.currentTimeMillis() + 999) / 1_000);
  }

  private void requireRange(String option, long found, long max) {
    if (found < 1 || found > max) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), option + ": found " + found + "; wanted: 1 to " + max);
    }
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("stampede: " + directory + " could not be deleted: " + e.getMessage());
    }
  }
}
