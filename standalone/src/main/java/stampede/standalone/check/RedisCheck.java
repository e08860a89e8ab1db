package stampede.standalone.check;

import static stampede.standalone.check.CheckLine.ok;
import static stampede.standalone.check.CheckLine.red;
import static stampede.standalone.check.CheckLine.skipped;
import static stampede.standalone.check.CheckLine.warn;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.InvalidField;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;
import stampede.sale.journal.RedisJournal;

/** Whether a Redis may hold the journal: the question owners ask, and some more. */
final class RedisCheck {
  private static final long CALL_MS_MAX = 3_000;
  private static final int CALLS_MAX = 16;
  private static final String SETTINGS = "redis settings";
  private static final String URL = "STAMPEDE_REDIS_URL";

  private final Vertx vertx;
  private final RedisUrl url;
  private final boolean uncheckedAllowed;
  private final List<CheckLine> lines = new ArrayList<>();

  private RedisCheck(Vertx vertx, RedisUrl url, boolean uncheckedAllowed) {
    this.vertx = vertx;
    this.url = url;
    this.uncheckedAllowed = uncheckedAllowed;
  }

  static List<CheckLine> run(Vertx vertx, CheckSettings settings) {
    if (!settings.has("redisUrl")) {
      String how = "give " + URL + "=redis://:password@host:6379, or --data of a running shop";
      return List.of(skipped("redis", how), skipped("clock of redis", how));
    }
    RedisUrl url;
    try {
      url = RedisUrl.parse(URL, settings.text("redisUrl"));
    } catch (InvalidField e) {
      return List.of(
          red("redis", "a url that can't be used", "redis://:password@host:6379", e.getMessage()));
    }
    boolean allowed = settings.text("settingsUnchecked").equals("true");
    return new RedisCheck(vertx, url, allowed).lines();
  }

  private List<CheckLine> lines() {
    try {
      Response server = call((link, done) -> link.call(Request.cmd(Command.INFO, "server"), done));
      lines.add(ok("redis", "version " + version(String.valueOf(server)) + " at " + url));
      settings();
      clock();
    } catch (CheckFailed e) {
      lines.add(
          red(
              "redis",
              "no usable answer (" + e.getMessage() + ")",
              "a Redis 6.0 or newer at " + url,
              "start it, open the way to it, or mend user and password in " + URL));
    }
    return lines;
  }

  private void settings() throws CheckFailed {
    Journal.Settings found = call((link, done) -> new RedisJournal(link, 0).checkSettings(done));
    for (String problem : found.problems()) {
      lines.add(problem(problem));
    }
    if (found.unchecked()) {
      lines.add(unchecked());
    } else if (found.problems().isEmpty()) {
      lines.add(ok(SETTINGS, "what a journal needs"));
    }
  }

  /** {@code name: found x, wanted y}, as owners say it. */
  private static CheckLine problem(String problem) {
    String name = problem.substring(0, problem.indexOf(':'));
    String found =
        problem.substring(problem.indexOf("found ") + 6, problem.lastIndexOf(", wanted "));
    String wanted = problem.substring(problem.lastIndexOf(", wanted ") + 9);
    String fix =
        name.equals("redis_version")
            ? "install a newer Redis"
            : "'redis-cli CONFIG SET " + name + " " + wanted + "' and CONFIG REWRITE";
    return red("redis " + name, found, wanted, fix);
  }

  private CheckLine unchecked() {
    String found = "a Redis that does not show its settings";
    return uncheckedAllowed
        ? warn(SETTINGS, found, "to be sure", "ask its operator: AOF with appendfsync always")
        : red(
            SETTINGS,
            found,
            "to see them; owners stay closed",
            "allow CONFIG GET, or set settingsUnchecked = true if they are known to be good");
  }

  private void clock() throws CheckFailed {
    long sentMs = System.currentTimeMillis();
    Response time = call((link, done) -> link.call(Request.cmd(Command.TIME), done));
    long gotMs = System.currentTimeMillis();
    long theirMs =
        Long.parseLong(time.get(0).toString()) * 1_000
            + Long.parseLong(time.get(1).toString()) / 1_000;
    lines.add(ClockLine.of("redis", theirMs, sentMs, gotMs));
  }

  private <T> T call(BiConsumer<RedisLink, Completion<T>> question) throws CheckFailed {
    CompletableFuture<T> answer = new CompletableFuture<>();
    vertx.runOnContext(
        go -> {
          RedisLink link = new RedisLink(vertx, url, CALL_MS_MAX, CALLS_MAX);
          question.accept(
              link,
              (result, failure) -> {
                link.close();
                if (failure != null) {
                  answer.completeExceptionally(failure);
                } else {
                  answer.complete(result);
                }
              });
        });
    return CheckFailed.await(answer);
  }

  private static String version(String info) {
    return info.lines()
        .filter(line -> line.startsWith("redis_version:"))
        .map(line -> line.substring("redis_version:".length()).strip())
        .findFirst()
        .orElse("not told");
  }
}
