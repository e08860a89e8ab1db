package stampede.node.redis;

import io.vertx.redis.client.Response;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import stampede.node.redis.RedisLink.ErrorReply;
import stampede.node.redis.RedisLink.StoreFull;
import stampede.node.redis.RedisLink.Unreachable;

/** What an error reply means to a caller. */
final class RedisFaults {
  /** Redis 6 wraps the error of a command in a script: "ERR Error running script …: -OOM …". */
  private static final Pattern WRAPPED = Pattern.compile("[ :@]-([A-Z]{3,})\\b");

  private static final Pattern FIRST_WORD = Pattern.compile("^-?([A-Z]{2,})\\b");

  /** Nothing was written, and nothing can be until memory or disk is free again. */
  private static final Set<String> FULL = Set.of("OOM", "MISCONF");

  /** The same call may succeed later. */
  private static final Set<String> LATER =
      Set.of("LOADING", "MASTERDOWN", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "NOREPLICAS");

  /** What the client itself says in the form of a reply when a connection ends or is garbled. */
  private static final Set<String> CLIENTS_OWN = Set.of("CONNECTION_CLOSED", "ILLEGAL_STATE");

  private RedisFaults() {}

  /** Null unless {@code cause} is an error that Redis replied. */
  static @Nullable Exception ofReply(RedisUrl url, Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (!(cause instanceof Response) || CLIENTS_OWN.stream().anyMatch(message::startsWith)) {
      return null;
    }
    String code = code(message);
    if (FULL.contains(code)) {
      return new StoreFull("store full: " + url + " replied " + message);
    }
    if (LATER.contains(code) || message.startsWith("ERR max number of clients")) {
      return new Unreachable(url + " replied " + message);
    }
    return new ErrorReply(code, message);
  }

  /** For the text of a failure that may have no message. */
  static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  static String code(String message) {
    Matcher first = FIRST_WORD.matcher(message);
    String code = first.find() ? first.group(1) : "ERR";
    if (code.equals("ERR")) {
      Matcher wrapped = WRAPPED.matcher(message);
      return wrapped.find() ? wrapped.group(1) : code;
    }
    return code;
  }
}
