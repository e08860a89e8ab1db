package stampede.standalone;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stampede.standalone.crowd.Crowd;
import stampede.standalone.crowd.CrowdPlan;
import stampede.standalone.crowd.CrowdReport;
import stampede.standalone.crowd.KeyHistory;
import stampede.standalone.crowd.OpenLoad;
import stampede.standalone.verdict.Books.Rows;
import stampede.standalone.verdict.MySqlBooks;
import stampede.standalone.verdict.Verdict;

/** {@code stampede load}: shakes at a given rate against a shop that runs, and a verdict. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description =
        "Sends shakes at a given rate, whether or not earlier ones were answered, and says what"
            + " became of them; with --mysql it checks the books too.",
    exitCodeList = {
      "0:the books balance",
      "1:the books are BROKEN",
      "2:wrong use, or something of this machine is missing",
      "3:unchecked: no --mysql"
    })
final class Load implements Callable<Integer> {
  private static final int RATE_MAX = 1_000_000;
  private static final long DRAIN_QUIET_MS = 30_000;
  private static final long READ_SECONDS_MAX = 60;
  private static final long TOKEN_SECONDS = 3_600;

  @Option(
      names = "--url",
      description = "the shop's public port (default: ${DEFAULT-VALUE})",
      defaultValue = "http://127.0.0.1:8080")
  private URI url = URI.create("http://127.0.0.1:8080");

  @Option(
      names = "--item",
      required = true,
      paramLabel = "ID",
      description = "what everybody wants")
  private String item = "";

  @Option(
      names = "--users",
      description = "shoppers, a socket each (default: ${DEFAULT-VALUE})",
      defaultValue = "1000")
  private int users = 1_000;

  @Option(
      names = "--rate",
      description = "shakes a second, all users together (default: ${DEFAULT-VALUE})",
      defaultValue = "1000")
  private int rate = 1_000;

  @Option(
      names = "--seconds",
      description = "how long (default: ${DEFAULT-VALUE})",
      defaultValue = "10")
  private int seconds = 10;

  @Option(
      names = "--mysql",
      paramLabel = "URL",
      description = "mysql://user:password@host:port/database to check the books in")
  private @Nullable String mysql;

  @Option(
      names = "--seed",
      description =
          "of users, keys and intervals (default: a new one; the keys of an old one are known)")
  private @Nullable Long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "write the verdict here too")
  private @Nullable Path json;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "data directory to take the shoppers' secret from (default: ./data)")
  private Path data = Path.of("data");

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws IOException {
    CrowdPlan plan = plan();
    OpenFiles.require(users);
    Tokens tokens = new Tokens(secret());
    Instant expires = Instant.now().plusSeconds(TOKEN_SECONDS + seconds);
    ShopPage shop = new ShopPage(url);
    ShopPage.Item page = shop.item(item);
    shop.requireAccepted(tokens.shopper(plan.user(0), expires));
    out.printf(
        "item %s (%s) is %s; %d users, %d shakes/s for %d s, seed %d%n",
        item, page.title(), page.state(), users, rate, seconds, plan.seed());
    Verdict verdict =
        mysql == null ? unchecked(plan, tokens, expires) : checked(plan, tokens, expires, page);
    out.print(verdict.toText());
    if (json != null) {
      Files.writeString(json, verdict.toJson().encodePrettily() + "\n");
    }
    return verdict.judgement().exitCode();
  }

  private Verdict unchecked(CrowdPlan plan, Tokens tokens, Instant expires) {
    return Verdict.compute(send(plan, tokens, expires), null, 1, false, Version.text());
  }

  /** The books are opened first: a wrong address shows before the load, not after it. */
  private Verdict checked(CrowdPlan plan, Tokens tokens, Instant expires, ShopPage.Item page) {
    Vertx vertx = Vertx.vertx();
    try (MySqlBooks books = books(vertx)) {
      int before = read(books).orders().size();
      CrowdReport report = send(plan, tokens, expires);
      long told =
          report.users().stream()
              .flatMap(user -> user.keys().stream())
              .filter(KeyHistory::accepted)
              .count();
      Rows rows =
          OneProcess.await(
              books.readWhenQuiet(item, Math.toIntExact(before + told), DRAIN_QUIET_MS),
              DRAIN_QUIET_MS / 1_000 + READ_SECONDS_MAX);
      return Verdict.compute(report, rows, page.limitPerUser(), false, Version.text());
    } finally {
      vertx.close();
    }
  }

  private CrowdReport send(CrowdPlan plan, Tokens tokens, Instant expires) {
    long boundSeconds =
        (OpenLoad.connectMsMax(users) + Crowd.SETTLE_MAX_MS) / 1_000 + 2L * seconds + 60;
    try {
      return OneProcess.await(
          OpenLoad.run(
              plan,
              rate,
              user -> tokens.shopper(user, expires),
              progress -> out.println("  " + progress.line())),
          boundSeconds);
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof OpenLoad.NotConnected few) {
        throw new EnvironmentFault(
            "--users " + users,
            few.getMessage(),
            "fewer users, or a shop that may open more files (ulimit -n there)",
            few);
      }
      throw e;
    }
  }

  private MySqlBooks books(Vertx vertx) {
    try {
      return new MySqlBooks(vertx, String.valueOf(mysql));
    } catch (IllegalArgumentException e) {
      // without the cause: it repeats the password
      throw new EnvironmentFault(
          "--mysql", "no such url", "mysql://user:password@host:port/database");
    }
  }

  private Rows read(MySqlBooks books) {
    try {
      return OneProcess.await(books.read(item), READ_SECONDS_MAX);
    } catch (RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new EnvironmentFault(
          "--mysql", String.valueOf(cause.getMessage()), "the database of this shop", e);
    }
  }

  private CrowdPlan plan() {
    requireRange("--rate", rate, RATE_MAX);
    requireRange("--users", users, CrowdPlan.USERS_MAX);
    requireRange("--seconds", seconds, 3_600);
    if ((long) rate * seconds > OpenLoad.SHAKES_MAX) {
      throw new EnvironmentFault(
          "--rate × --seconds",
          rate + " × " + seconds,
          "at most " + OpenLoad.SHAKES_MAX + " shakes");
    }
    long drawn = seed != null ? seed : ThreadLocalRandom.current().nextLong(1, 1L << 48);
    try {
      return new CrowdPlan(url, item, users, seconds, drawn, System.currentTimeMillis());
    } catch (IllegalArgumentException e) {
      throw new EnvironmentFault("--url or --item", e.getMessage(), "as the help says", e);
    }
  }

  private String secret() {
    String secret = DataDirectory.knownSecrets(data, System.getenv()).get("STAMPEDE_JWT_SECRET");
    if (secret == null) {
      throw new EnvironmentFault(
          "STAMPEDE_JWT_SECRET",
          "none in the environment and no " + data.resolve("secrets.env"),
          "the secret of the shop, or --data");
    }
    return secret;
  }

  private static void requireRange(String option, long found, long max) {
    if (found < 1 || found > max) {
      throw new EnvironmentFault(option, Long.toString(found), "1 to " + max);
    }
  }
}
