package stampede.standalone.check;

import static stampede.standalone.check.CheckLine.ok;
import static stampede.standalone.check.CheckLine.red;
import static stampede.standalone.check.CheckLine.skipped;
import static stampede.standalone.check.CheckLine.warn;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import stampede.standalone.Tokens;

/**
 * What a shopper meets at the shop's public address: what must pass does, what must not doesn't.
 */
final class FrontCheck {
  private static final Duration BOUND = Duration.ofSeconds(5);
  private static final int USERS = 4;
  private static final int SOCKETS = 3;
  private static final String ELSEWHERE = "203.0.113.9";
  private static final List<String> OPERATORS_PAGES =
      List.of("/metrics", "/health/live", "/health/ready", "/eventbus/websocket", "/console/");
  private static final List<String> NAMES =
      List.of("front", "front WebSocket", "front operators' pages", "front address", "front hash");

  private final URI url;
  private final String jwtSecret;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(BOUND).build();
  private final List<CheckLine> lines = new ArrayList<>();

  private FrontCheck(URI url, String jwtSecret) {
    this.url = url;
    this.jwtSecret = jwtSecret;
  }

  /**
   * @param url null = not asked for
   */
  static List<CheckLine> run(@Nullable URI url, CheckSettings settings) {
    if (url == null) {
      return NAMES.stream()
          .map(name -> skipped(name, "give --url, the shop's public address"))
          .toList();
    }
    return new FrontCheck(url, settings.text("jwtSecret")).lines();
  }

  private List<CheckLine> lines() {
    try {
      reachable();
      upgrade();
      operatorsPages();
      address();
      hash();
    } catch (CheckFailed e) {
      lines.add(
          red("front", e.getMessage(), "an edge's answers at " + url, "start it, or mend --url"));
    }
    return lines;
  }

  private void reachable() throws CheckFailed {
    HttpResponse<String> answer = send(get("/api/v1/time"));
    if (answer.statusCode() != 200 || !answer.body().startsWith("{\"now\":")) {
      throw new CheckFailed("status " + answer.statusCode() + " for /api/v1/time");
    }
    String server = answer.headers().firstValue("server").orElse("none named");
    lines.add(ok("front", "an edge at " + url + "; proxy: " + server));
  }

  /** Without a token the edge itself says 401; it says 426 where the upgrade did not reach it. */
  private void upgrade() throws CheckFailed {
    String name = "front WebSocket";
    int status;
    try {
      CheckFailed.await(open(null, new Welcome())).abort();
      status = 101;
    } catch (CheckFailed e) {
      status = Handshake.statusOf(e);
    }
    if (status == 401) {
      lines.add(ok(name, "that the upgrade reaches the edge (401 without a token)"));
    } else {
      lines.add(
          red(
              name,
              status == 0 ? "no handshake" : "status " + status + " without a token",
              "401 from the edge",
              "in Nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;"
                  + " proxy_set_header Connection upgrade (conf/nginx.conf)"));
    }
  }

  private void operatorsPages() throws CheckFailed {
    List<String> open = new ArrayList<>();
    for (String page : OPERATORS_PAGES) {
      int status = send(get(page)).statusCode();
      if (status != 404 && status != 403) {
        open.add(page + " " + status);
      }
    }
    lines.add(
        open.isEmpty()
            ? ok("front operators' pages", "none of them reachable")
            : red(
                "front operators' pages",
                String.join(", ", open),
                "404",
                "proxy to httpPort only, and bind managementHost to a private address"));
  }

  /**
   * Only the log-in for trying things out depends on the address: from here it must work however a
   * client lies about its own, and it must not from anywhere else.
   */
  private void address() throws CheckFailed {
    String name = "front address";
    if (logIn(null) != 200) {
      lines.add(
          skipped(
              name, "only visible where the edges run with devLogin and --url is this machine"));
    } else if (!isLoopback()) {
      lines.add(
          red(
              name,
              "the log-in for trying things out open to " + url.getHost(),
              "404",
              "take devLogin from the edges; in Nginx: proxy_set_header X-Forwarded-For"
                  + " $remote_addr"));
    } else if (logIn(ELSEWHERE) == 200) {
      lines.add(ok(name, "that the proxy sets X-Forwarded-For to the client's address"));
    } else {
      lines.add(
          warn(
              name,
              "that a client's own X-Forwarded-For reaches the edge",
              "the proxy to replace it",
              "in Nginx: proxy_set_header X-Forwarded-For $remote_addr, not"
                  + " $proxy_add_x_forwarded_for; without a proxy there is nothing to do"));
    }
  }

  private boolean isLoopback() {
    return Set.of("127.0.0.1", "localhost", "[::1]").contains(url.getHost());
  }

  private int logIn(@Nullable String claimed) throws CheckFailed {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve("/dev/login"))
            .timeout(BOUND)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"stampede-check\"}"));
    if (claimed != null) {
      request.header("X-Forwarded-For", claimed);
    }
    return send(request.build()).statusCode();
  }

  /** A user's sockets must meet at one edge, or its limits and cooldowns are counted in parts. */
  private void hash() throws CheckFailed {
    String name = "front hash";
    if (jwtSecret.isEmpty()) {
      lines.add(
          skipped(name, "give STAMPEDE_JWT_SECRET: sockets of a few made-up users are opened"));
      return;
    }
    Set<String> edges = new TreeSet<>();
    int torn = 0;
    for (int user = 0; user < USERS; user++) {
      Set<String> met = new HashSet<>();
      String token =
          new Tokens(jwtSecret).shopper("stampede-check-" + user, Instant.now().plusSeconds(60));
      for (int i = 0; i < SOCKETS; i++) {
        met.add(edgeOf(token));
      }
      edges.addAll(met);
      torn += met.size() > 1 ? 1 : 0;
    }
    lines.add(
        torn == 0
            ? ok(name, "each of " + USERS + " users always at the same edge; edges met: " + edges)
            : red(
                name,
                torn + " of " + USERS + " users at several of " + edges,
                "each user always at one edge",
                "in Nginx: hash by cookie or Authorization, consistent (conf/nginx.conf)"));
  }

  private String edgeOf(String token) throws CheckFailed {
    Welcome welcome = new Welcome();
    WebSocket socket = CheckFailed.await(open(token, welcome));
    try {
      return new JsonObject(CheckFailed.await(welcome.frame)).getString("node", "unnamed");
    } catch (DecodeException e) {
      throw new CheckFailed("a first frame that is no JSON");
    } finally {
      socket.abort();
    }
  }

  private CompletableFuture<WebSocket> open(@Nullable String token, Welcome welcome) {
    URI shake = url.resolve("/shake");
    URI address = URI.create(shake.toString().replaceFirst("^http", "ws"));
    WebSocket.Builder builder =
        http.newWebSocketBuilder().connectTimeout(BOUND).subprotocols("shake.v1");
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    return builder
        .buildAsync(address, welcome)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(Handshake.named(failure)))
        .orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS);
  }

  /** Takes the first frame. */
  private static final class Welcome implements WebSocket.Listener {
    private final CompletableFuture<String> frame = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        frame.complete(text.toString());
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      frame.completeExceptionally(new IOException("closed with " + status + " " + reason));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      frame.completeExceptionally(failure);
    }
  }

  private HttpRequest get(String path) {
    return HttpRequest.newBuilder(url.resolve(path)).timeout(BOUND).build();
  }

  private HttpResponse<String> send(HttpRequest request) throws CheckFailed {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new CheckFailed("no answer (" + e + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CheckFailed("interrupted");
    }
  }
}
