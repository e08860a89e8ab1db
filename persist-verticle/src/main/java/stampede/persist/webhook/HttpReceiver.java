package stampede.persist.webhook;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import stampede.node.StandardWebhooks;
import stampede.protocol.port.Completion;

/**
 * The shop's endpoint over HTTP. Certificates and host names are checked, redirects are not
 * followed: they are answers like any other that is not 2xx. Of an answer the status and {@code
 * Retry-After} count; its body is dropped, and cut off when it is long.
 */
final class HttpReceiver implements Receiver {
  private static final int BODY_BYTES_MAX = 16 << 10;
  private static final int KEEP_ALIVE_SECONDS = 15;
  private static final int RETRY_AFTER_SECONDS_MAX = 86_400;

  private final WebhookConfig config;
  private final StandardWebhooks signature;
  private final LongSupplier epochMs;
  private final HttpClient client;

  HttpReceiver(Vertx vertx, WebhookConfig config, LongSupplier epochMs) {
    this.config = config;
    this.signature = config.signature();
    this.epochMs = epochMs;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(config.timeoutMs())
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setVerifyHost(true)
                .setTrustAll(false),
            new PoolOptions()
                .setHttp1MaxSize(config.inFlightMax())
                .setMaxWaitQueueSize(config.inFlightMax()));
  }

  @Override
  public void tell(WebhookRow row, Completion<Answer> done) {
    Buffer body = Buffer.buffer(row.body().getBytes(StandardCharsets.UTF_8));
    Attempt attempt = new Attempt();
    client
        .request(options())
        .compose(request -> attempt.send(signed(request, row, body), body))
        .timeout(config.timeoutMs(), TimeUnit.MILLISECONDS)
        .onComplete(
            end -> {
              attempt.end(end.cause());
              done.succeed(end.succeeded() ? end.result() : attempt.outcome(end.cause()));
            });
  }

  Future<Void> close() {
    return client.close();
  }

  private RequestOptions options() {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setAbsoluteURI(config.url())
        .setFollowRedirects(false)
        .setConnectTimeout(config.timeoutMs());
  }

  private HttpClientRequest signed(HttpClientRequest request, WebhookRow row, Buffer body) {
    long seconds = epochMs.getAsLong() / 1_000;
    request.putHeader("content-type", "application/json");
    request.putHeader("user-agent", "stampede");
    request.putHeader("webhook-id", row.id());
    request.putHeader("webhook-timestamp", Long.toString(seconds));
    request.putHeader("webhook-signature", signature.sign(row.id(), seconds, body.getBytes()));
    return request;
  }

  /** One request, which must end in time whatever the other side does. */
  private final class Attempt {
    private @Nullable HttpClientRequest request;
    private @Nullable Answer answer;
    private boolean over;

    Future<Answer> send(HttpClientRequest request, Buffer body) {
      if (over) { // connected too late
        request.reset();
        return Future.failedFuture(new TimeoutException());
      }
      this.request = request;
      return request.send(body).compose(this::drop);
    }

    /** The status is the answer; the rest is read only to use the connection again. */
    private Future<Answer> drop(HttpClientResponse response) {
      answer = answerOf(response);
      Promise<Answer> done = Promise.promise();
      int[] bytes = {0};
      response.handler(
          part -> {
            bytes[0] += part.length();
            if (bytes[0] > BODY_BYTES_MAX) {
              done.tryFail(new IllegalStateException("too long"));
            }
          });
      response.exceptionHandler(done::tryFail);
      response.endHandler(end -> done.tryComplete(answer));
      return done.future();
    }

    void end(@Nullable Throwable failure) {
      over = true;
      if (failure != null && request != null) {
        request.reset();
        if (request.connection() != null) {
          request.connection().close();
        }
      }
    }

    Answer outcome(Throwable failure) {
      return answer != null ? answer : Answer.refused(text(failure));
    }

    private Answer answerOf(HttpClientResponse response) {
      int status = response.statusCode();
      return status / 100 == 2
          ? Answer.TAKEN
          : new Answer(false, "status " + status, retryAfterMs(response.getHeader("retry-after")));
    }
  }

  private static long retryAfterMs(@Nullable String seconds) {
    boolean isNumber = seconds != null && seconds.matches("[0-9]{1,9}");
    return isNumber ? 1_000L * Math.min(RETRY_AFTER_SECONDS_MAX, Long.parseLong(seconds)) : 0;
  }

  /** In words of our own: what a library says may hold what is nobody's business. */
  private String text(Throwable failure) {
    if (failure instanceof TimeoutException) {
      return "no answer within " + config.timeoutMs() + " ms";
    } else if (failure instanceof SSLException) {
      return "TLS failed, or the certificate is not good";
    } else if (failure instanceof UnknownHostException) {
      return "the host is unknown";
    } else if (failure instanceof ConnectException) {
      return "nobody listens there";
    }
    return "the connection broke: " + failure.getClass().getSimpleName();
  }
}
