package stampede.node;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management port of a node without a public side: {@code /health/live}, {@code /health/ready},
 * {@code /metrics}, and nothing else. On an event loop of its own, so that it can say so when the
 * node's own loop is stuck.
 */
public final class NodePort {
  private static final Logger log = LoggerFactory.getLogger(NodePort.class);
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final int IDLE_SECONDS = 60;
  private static final int LINE_BYTES_MAX = 1_024;
  private static final int HEADER_BYTES_MAX = 4_096;

  private NodePort() {}

  /**
   * Opens it; the server ends with {@code vertx}.
   *
   * @param port 0 = any free one, told by the server and in the log
   */
  public static Future<HttpServer> open(Vertx vertx, String host, int port, Vitals vitals) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(host)
            .setPort(port)
            .setHttp2ClearTextEnabled(false)
            .setIdleTimeout(IDLE_SECONDS)
            .setMaxInitialLineLength(LINE_BYTES_MAX)
            .setMaxHeaderSize(HEADER_BYTES_MAX);
    return vertx
        .createHttpServer(options)
        .requestHandler(pages(vitals))
        .listen()
        .onSuccess(server -> log.info("management port on http://{}:{}", host, server.actualPort()))
        .recover(failure -> Future.failedFuture(notOpened(host, port, failure)));
  }

  /** The three pages, for a management port that has more. */
  public static Handler<HttpServerRequest> pages(Vitals vitals) {
    return request -> {
      if (!request.method().equals(HttpMethod.GET)) {
        request.response().putHeader(HttpHeaders.ALLOW, "GET");
        json(request, 405, problem("method_not_allowed", "this port is for GET"));
        return;
      }
      switch (String.valueOf(request.path())) { // null of a broken request line
        case "/health/live" -> health(request, vitals.live());
        case "/health/ready" -> health(request, vitals.ready());
        case "/metrics" -> metrics(request, vitals.scrape());
        default ->
            json(
                request,
                404,
                problem("not_found", "there are /health/live, /health/ready and /metrics"));
      }
    };
  }

  private static void health(HttpServerRequest request, Future<Vitals.Health> health) {
    health
        .onSuccess(answer -> json(request, answer.ok() ? 200 : 503, answer.body()))
        .onFailure(failure -> failed(request, failure));
  }

  private static void metrics(HttpServerRequest request, Future<String> text) {
    text.onSuccess(
            page ->
                request
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, METRICS_TYPE)
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .end(page)
                    .onFailure(gone -> log.debug("a scraper went away", gone)))
        .onFailure(failure -> failed(request, failure));
  }

  private static void failed(HttpServerRequest request, Throwable failure) {
    log.warn("management.failed {}", request.path(), failure);
    json(request, 500, problem("internal", "the log of this node says why"));
  }

  private static JsonObject problem(String code, String detail) {
    return JsonObject.of("code", code, "detail", detail);
  }

  private static void json(HttpServerRequest request, int status, JsonObject body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(body.encode())
        .onFailure(gone -> log.debug("an asker went away", gone));
  }

  private static ConfigFault notOpened(String host, int port, Throwable failure) {
    return new ConfigFault(
        "setting \"managementPort\" is "
            + port
            + " on managementHost "
            + host
            + ", which can't be opened: "
            + failure.getMessage()
            + "; give a free one (STAMPEDE_MANAGEMENT_PORT), or 0 for any");
  }
}
