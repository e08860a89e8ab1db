package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.Alarms;
import stampede.protocol.InvalidField;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/**
 * Answers {@code persist.query}: JSON in, JSON out, always an answer, always in bounded time.
 *
 * <p>Error codes: {@code invalid} (detail begins with the member's name), {@code not_found}, {@code
 * key_reused}, {@code product_twice}, {@code published}, {@code archived}, {@code not_ended},
 * {@code orders_held}, {@code too_many_items} (the calendar's rules), {@code invalid_csv} (with
 * {@code lines}), {@code busy} (too many at once), {@code catalogue_unavailable} (MySQL is away or
 * not ready), {@code internal} (our mistake; logged).
 */
final class QueryDesk implements Bus.Handler {
  /** Requests being answered at once; one more is told so. */
  static final int OPEN_MAX = 256;

  private static final String REPORT = "report";
  private static final int REQUEST_BYTES_MAX = 64 << 10;
  private static final Logger log = LoggerFactory.getLogger(QueryDesk.class);

  private final Map<String, Function<Fields, Future<JsonObject>>> operations;
  private final long timeoutMs;
  private boolean ready;
  private int open;

  /**
   * @param timeoutMs of one answer; reports have a longer one
   */
  QueryDesk(
      MySqlLink primary,
      int partitions,
      Queries queries,
      WebhookCommands webhooks,
      Reports reports,
      long timeoutMs) {
    CatalogueTables tables = new CatalogueTables(primary, partitions);
    Catalogue catalogue = new Catalogue(tables);
    Calendar calendar = new Calendar(tables);
    PlanSheet sheet = new PlanSheet(primary, tables, calendar);
    this.timeoutMs = timeoutMs;
    this.operations =
        Map.ofEntries(
            Map.entry("session.create", catalogue::createSession),
            Map.entry("item.create", catalogue::createItem),
            Map.entry("session.published", catalogue::sessionPublished),
            Map.entry("session.change", calendar::changeSession),
            Map.entry("session.copy", calendar::copy),
            Map.entry("session.archive", calendar::archive),
            Map.entry("session.import", sheet::take),
            Map.entry("session.export", sheet::give),
            Map.entry("item.change", calendar::changeItem),
            Map.entry("clock", queries::clock),
            Map.entry("session.list", queries::sessions),
            Map.entry("session.get", queries::session),
            Map.entry("item.get", queries::item),
            Map.entry("search", queries::search),
            Map.entry("orders", queries::orders),
            Map.entry("order.get", queries::order),
            Map.entry("cursor", queries::cursor),
            Map.entry("audit", queries::audit),
            Map.entry("audit.add", new AuditBook(tables)::add),
            Map.entry("webhooks", webhooks::status),
            Map.entry("webhooks.retry", webhooks::retry),
            Map.entry(REPORT, reports::report),
            Map.entry("edge.counts", reports::keepCounts));
  }

  /** The tables are there. */
  void ready() {
    ready = true;
  }

  /** Nothing is being answered. */
  boolean isIdle() {
    return open == 0;
  }

  @Override
  public void handle(byte[] message, Completion<byte[]> reply) {
    if (open >= OPEN_MAX) {
      reply.succeed(bytes(error("busy", OPEN_MAX + " requests are being answered")));
      return;
    }
    open++;
    answer(message)
        .onComplete(
            done -> {
              open--;
              reply.succeed(bytes(done.succeeded() ? done.result() : error(done.cause())));
            });
  }

  /** Whatever goes wrong in here becomes an answer too. */
  private Future<JsonObject> answer(byte[] message) {
    return Future.succeededFuture(message)
        .compose(
            bytes -> {
              JsonObject request = parse(bytes);
              Function<Fields, Future<JsonObject>> operation = operation(request);
              return ready
                  ? operation
                      .apply(new Fields(request))
                      .timeout(timeoutMs(request), TimeUnit.MILLISECONDS)
                  : Future.failedFuture(new MySqlLink.MySqlAway("its tables are not ready yet"));
            });
  }

  private long timeoutMs(JsonObject request) {
    return request.getString("op").equals(REPORT) ? Reports.STATEMENT_MS_MAX : timeoutMs;
  }

  private Function<Fields, Future<JsonObject>> operation(JsonObject request) {
    Function<Fields, Future<JsonObject>> operation =
        operations.get(String.valueOf(request.getValue("op")));
    if (operation == null) {
      List<String> known = operations.keySet().stream().sorted().toList();
      throw new InvalidField("op", "must be one of " + String.join(", ", known));
    }
    return operation;
  }

  private static JsonObject parse(byte[] message) {
    if (message.length > REQUEST_BYTES_MAX) {
      throw new InvalidField("request", "must have at most " + REQUEST_BYTES_MAX + " bytes");
    }
    try {
      return new JsonObject(Buffer.buffer(message));
    } catch (DecodeException | ClassCastException e) {
      throw new InvalidField("request", "must be a JSON object");
    }
  }

  private static JsonObject error(Throwable fault) {
    if (fault instanceof InvalidField e) {
      return error("invalid", e.getMessage());
    } else if (fault instanceof PlanCsv.Faulty e) {
      JsonObject error = error("invalid_csv", String.valueOf(e.getMessage()));
      error.getJsonObject("error").put("lines", e.lines());
      return error;
    } else if (fault instanceof Refusal e) {
      return error(e.code(), e.getMessage());
    } else if (fault instanceof MySqlLink.MySqlAway || fault instanceof TimeoutException) {
      return error("catalogue_unavailable", String.valueOf(fault.getMessage()));
    } else if (fault instanceof VertxException || fault instanceof java.io.IOException) {
      log.warn("catalogue.unavailable {}", fault.getMessage());
      return error("catalogue_unavailable", String.valueOf(fault.getMessage()));
    }
    Alarms.ofProcess().raise("persist.internal", "a query failed unexpectedly", fault);
    return error(
        "internal", "this request failed unexpectedly; the log of the persist node says why");
  }

  private static JsonObject error(String code, String detail) {
    return JsonObject.of("error", JsonObject.of("code", code, "detail", detail));
  }

  private static byte[] bytes(JsonObject json) {
    return json.toBuffer().getBytes();
  }
}
