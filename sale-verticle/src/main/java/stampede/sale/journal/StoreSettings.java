package stampede.sale.journal;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.node.redis.RedisLink;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal.Settings;

/**
 * Asks a Redis whether what it acknowledges is durable. Never changes a setting: the Redis may be
 * somebody else's.
 */
final class StoreSettings {
  private static final Map<String, String> WANTED = new LinkedHashMap<>();

  static {
    WANTED.put("appendonly", "yes");
    WANTED.put("appendfsync", "always");
    WANTED.put("no-appendfsync-on-rewrite", "no");
    WANTED.put("maxmemory-policy", "noeviction");
  }

  /** The first version whose scripts are replicated by effect and that logs in by HELLO. */
  private static final int VERSION_MAJOR_MIN = 6;

  private final Completion<Settings> done;
  private final List<String> problems = new ArrayList<>();
  private int open = WANTED.size() + 1;
  private boolean unchecked;
  private boolean failed;

  private StoreSettings(Completion<Settings> done) {
    this.done = done;
  }

  /** All questions go out at once, so the answer takes one time-out of the link at most. */
  static void check(RedisLink link, Completion<Settings> done) {
    StoreSettings settings = new StoreSettings(done);
    WANTED.forEach(
        (name, wanted) ->
            link.call(
                Request.cmd(Command.CONFIG, "GET", name),
                (reply, failure) ->
                    settings.answered(
                        failure, () -> settings.compare(name, value(reply), wanted))));
    link.call(
        Request.cmd(Command.INFO, "server"),
        (reply, failure) ->
            settings.answered(failure, () -> settings.compareVersion(String.valueOf(reply))));
  }

  private void answered(@Nullable Throwable failure, Runnable compare) {
    if (failed) {
      return;
    }
    if (failure instanceof RedisLink.ErrorReply) {
      unchecked = true; // forbidden or renamed, as managed services do
    } else if (failure != null) {
      failed = true;
      done.fail(failure);
      return;
    } else {
      compare.run();
    }
    if (--open == 0) {
      done.succeed(new Settings(List.copyOf(problems), unchecked));
    }
  }

  private void compare(String name, String found, String wanted) {
    if (!found.equals(wanted)) {
      problems.add(name + ": found " + found + ", wanted " + wanted);
    }
  }

  private void compareVersion(String info) {
    String found =
        info.lines()
            .filter(line -> line.startsWith("redis_version:"))
            .map(line -> line.substring("redis_version:".length()).strip())
            .findFirst()
            .orElse("nothing");
    if (!found.matches("[0-9]{1,4}\\..*")
        || Integer.parseInt(found.substring(0, found.indexOf('.'))) < VERSION_MAJOR_MIN) {
      problems.add("redis_version: found " + found + ", wanted 6.0 or later");
    }
  }

  private static String value(@Nullable Response pair) {
    return pair == null || pair.size() < 2 ? "nothing" : pair.get(1).toString();
  }
}
