package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.openapi.contract.OpenAPIContract;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import stampede.edge.page.PagesTest;

/**
 * The two contract files, against each other, their own rules, and what the tests record. By itself
 * it runs these too.
 */
@Order(Integer.MAX_VALUE)
@Isolated
class ContractTest {
  private static final List<Class<?>> RECORDING =
      List.of(
          ShopApiTest.class,
          ShakeEndpointTest.class,
          ShakeFormTest.class,
          EdgeVerticleTest.class,
          PagesTest.class);

  /** Promised, and not met by the recording tests, with the reason. */
  private static final Map<String, String> NOT_MET = Map.of();

  @Test
  void everyPromiseIsMetInTheRecordedTrafficOrExcusedByName() throws Exception {
    theFilesAreServedAndKeptByTheClient();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    List<ClassSelector> left =
        RECORDING.stream()
            .filter(each -> !Recorded.CLASSES.contains(each))
            .map(DiscoverySelectors::selectClass)
            .toList();
    LauncherFactory.create()
        .execute(LauncherDiscoveryRequestBuilder.request().selectors(left).build(), summary);

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
    assertThat(Recorded.CLASSES).containsAll(RECORDING);
    assertThat(missing).as("promised, and neither met nor excused").isEmpty();
    for (String excused : NOT_MET.keySet()) {
      boolean seen = HttpContract.SEEN.contains(excused) || SocketContract.SEEN.contains(excused);
      assertThat(promised).as("excused, and not promised").contains(excused);
      assertThat(seen).as("excused, and met: " + excused).isFalse();
    }
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
              .replace("text/javascript", "text/plain")
              .replace("text/calendar", "text/plain")
              .replace("application/x-www-form-urlencoded", "application/json")
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
    return HttpContract.exchange(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("If-None-Match", tag),
        "GET",
        "");
  }

  private static String text(String file) throws Exception {
    try (var in = Contract.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
