package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.openapi.contract.OpenAPIContract;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import stampede.edge.page.PagesTest;

/** The two contract files, against each other, their own rules, and what the tests record. */
class ContractTest {
  /** Promised, and not met by the recording tests, with the reason. */
  private static final Map<String, String> NOT_MET = new HashMap<>();

  static {
    for (String page : Set.of("homePage", "sessionPage", "itemPage", "searchPage", "search")) {
      for (String status : Set.of("200", "304", "400", "404", "500", "503")) {
        NOT_MET.put(page + " " + status, "pages and search have their own tests");
      }
    }
    for (String operation : Set.of("openapi", "asyncapi", "getTime", "devLogin")) {
      NOT_MET.put(operation + " 503", "of the whole node while it stops: EdgeVerticleTest");
    }
    for (String operation : Set.of("shake", "askByKey", "listOrders", "getOrder", "cancelOrder")) {
      NOT_MET.put(operation + " 403", "who is asking is IdentityTest's, the same on every path");
    }
    NOT_MET.put("makeDevice 404", "an edge without a secret: ShopApiTest asks another path");
    NOT_MET.put("makeDevice 413", "the same handler as for cancelOrder");
    NOT_MET.put("makeDevice 503", "of the whole node while it stops: EdgeVerticleTest");
    NOT_MET.put("claimOrder 413", "the same handler as for payments");
    NOT_MET.put("claimOrder 415", "the same handler as for payments");
    NOT_MET.put("claimOrder 500", "our mistakes are not made on purpose twice: listOrders");
    NOT_MET.put("makeTicket 403", "who is asking is IdentityTest's, the same on every path");
    NOT_MET.put("askByKey 401", "who is asking is IdentityTest's, the same on every path");
    NOT_MET.put("makeTicket 503", "a hundred thousand tickets are out, or the node stops");
    NOT_MET.put("makeTicket 413", "the same handler as for cancelOrder");
    NOT_MET.put("askByKey 503", "of the whole node while it stops: EdgeVerticleTest");
    NOT_MET.put("askByKey 202", "the same answer as for shake");
    NOT_MET.put("askByKey 400", "the same check of a key as for shake");
    NOT_MET.put("getOrder 500", "our mistakes are not made on purpose twice: listOrders");
    NOT_MET.put("cancelOrder 500", "our mistakes are not made on purpose twice: listOrders");
    NOT_MET.put("getItem 500", "our mistakes are not made on purpose twice: listOrders");
    NOT_MET.put("shake 500", "our mistakes are not made on purpose twice: listOrders");
    NOT_MET.put("cancelOrder 503", "the same way to the owner as for getOrder");
    NOT_MET.put("listSessions 503", "the same way to the catalogue as for listOrders");
    NOT_MET.put("listSessions 304", "the same answer as for getItem");
    NOT_MET.put("listOrders 503", "while no persist node answers: the tests of a cluster");
    NOT_MET.put("staticFile 304", "the same answer as for pages: PagesTest asks for bytes");
    NOT_MET.put("openSocket 400", "the client of the test makes no broken handshake");
    NOT_MET.put("shake 415", "recorded under payments, the same handler");
    NOT_MET.put("devLogin 413", "recorded under payments, the same handler");
    NOT_MET.put("tell notice", "comes with the operators' notices");
    NOT_MET.put("tell queued", "needs a queue that stands for a second: ShakeDeskTest");
    NOT_MET.put("close 1002", "of the WebSocket layer");
    NOT_MET.put("close 1007", "of the WebSocket layer");
    for (String outcome : Set.of("limit_reached", "ended", "not_open", "paused", "throttled")) {
      NOT_MET.put("outcome " + outcome, "the same words as over HTTP, where it is recorded");
    }
    for (String outcome : Set.of("missed", "busy", "blocked", "unknown")) {
      NOT_MET.put("outcome " + outcome, "the same words as over HTTP, where it is recorded");
    }
  }

  @Test
  void everyPromiseIsMetInTheRecordedTrafficOrExcusedByName() {
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(
                    selectClass(ShopApiTest.class),
                    selectClass(ShakeEndpointTest.class),
                    selectClass(PagesTest.class))
                .build(),
            summary);

    Set<String> promised = new TreeSet<>(HttpContract.promised());
    promised.addAll(SocketContract.promised());
    Set<String> missing = new TreeSet<>(promised);
    missing.removeAll(HttpContract.SEEN);
    missing.removeAll(SocketContract.SEEN);
    missing.removeAll(NOT_MET.keySet());
    assertThat(summary.getSummary().getFailures())
        .extracting(each -> each.getTestIdentifier().getUniqueId() + ": " + each.getException())
        .as("faults of the recording tests")
        .isEmpty();
    assertThat(summary.getSummary().getTestsSucceededCount()).isPositive();
    assertThat(missing).as("promised, and neither met nor excused").isEmpty();
    NOT_MET
        .keySet()
        .forEach(
            excused -> {
              boolean page = NOT_MET.get(excused).startsWith("pages");
              assertThat(page || promised.contains(excused)).as(excused).isTrue();
            });
  }

  @Test
  void theFileIsOpenApi31() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      String known = // the checker of the form knows few media types
          HttpContract.file()
              .encode()
              .replace("text/html", "text/plain")
              .replace("text/css", "text/plain")
              .replace("application/yaml", "text/plain")
              .replace("application/problem+json", "application/json");
      OpenAPIContract contract =
          OpenAPIContract.from(vertx, new JsonObject(known)).await(20, TimeUnit.SECONDS);

      assertThat(contract.operation("shake")).isNotNull();
      assertThat(contract.operations()).hasSizeGreaterThan(15);
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void bothFilesSayTheSameOfAnOutcome() {
    JsonObject http = schemas("openapi.yaml").getJsonObject("Outcome");
    JsonObject socket = schemas("asyncapi.yaml").getJsonObject("outcome");
    socket.getJsonObject("properties").remove("type");
    socket.getJsonArray("required").remove("type");

    assertThat(socket).isEqualTo(http);
  }

  private static JsonObject schemas(String file) {
    return HttpContract.load(file).getJsonObject("components").getJsonObject("schemas");
  }

  @Test
  void theFilesAreServedAndKeptByTheClient() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Router router = Router.router(vertx);
      Problem.install(router);
      new Contract().mount(router);
      int port =
          vertx
              .createHttpServer()
              .requestHandler(router)
              .listen(0, "127.0.0.1")
              .await(10, TimeUnit.SECONDS)
              .actualPort();
      for (String file : Contract.FILES) {
        HttpResponse<String> whole = get(port, "/" + file, "-");
        String tag = whole.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> same = get(port, "/" + file, tag);

        assertThat(whole.body()).isEqualTo(text(file));
        assertThat(same.statusCode()).isEqualTo(304);
      }
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void whatIsNotPromisedIsFound() {
    Map<String, String> told =
        Map.of(
            "content-type", "application/json", "x-request-id", "r", "cache-control", "no-store");
    HttpContract.check(time(200, told, "{\"now\":1}"));

    assertThatThrownBy(() -> HttpContract.check(time(200, told, "{\"now\":1,\"more\":2}")))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> HttpContract.check(time(200, told, "{\"now\":\"1\"}")))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> HttpContract.check(time(201, told, "{\"now\":1}")))
        .hasMessageContaining("status 201");
    Map<String, String> more = new HashMap<>(told);
    more.put("x-secret", "1");
    assertThatThrownBy(() -> HttpContract.check(time(200, more, "{\"now\":1}")))
        .hasMessageContaining("x-secret");
    more.remove("x-secret");
    more.remove("cache-control");
    assertThatThrownBy(() -> HttpContract.check(time(200, more, "{\"now\":1}")))
        .hasMessageContaining("cache-control");
    assertThatThrownBy(
            () -> SocketContract.told(new JsonObject().put("type", "pong").put("now", "1")))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () ->
                SocketContract.told(
                    new JsonObject("{\"type\":\"outcome\",\"key\":\"k\",\"item\":\"1\"}")
                        .put("outcome", "accepted")))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> SocketContract.closed(1000)).isInstanceOf(AssertionError.class);
  }

  private static HttpContract.Exchange time(int status, Map<String, String> told, String body) {
    return new HttpContract.Exchange("GET", "/api/v1/time", Map.of(), "", status, told, body);
  }

  private static HttpResponse<String> get(int port, String path, String tag) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("If-None-Match", tag)
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    Map<String, String> told = new HashMap<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> told.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    HttpContract.check(
        new HttpContract.Exchange(
            "GET", path, Map.of(), "", response.statusCode(), told, response.body()));
    return response;
  }

  private static String text(String file) throws Exception {
    try (var in = Contract.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
