package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.StockLevel;

/** A shopper whose browser runs no script, at a whole edge. */
@ExtendWith(Recorded.class)
class ShakeFormTest {
  private static final String FORM = "/items/1001/shakes";
  private static final String RESULT = "/items/1001/shakes/form";

  private final WholeEdge whole =
      new WholeEdge("payUrl", "https://pay.example/?o={order}", "signInUrl", "/login?to={page}");
  private final List<String> keys = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    whole.open();
    long now = System.currentTimeMillis();
    whole.hint(new Hint.Item(1001, ItemState.OPEN, StockLevel.LOW, 1_000_000, 0, now, 0));
  }

  @AfterEach
  void stop() throws Exception {
    whole.close();
  }

  private void answers(Shaken said) {
    whole.script =
        command -> {
          if (command instanceof Command.Shake shake) {
            keys.add(shake.key().utf8());
          }
          boolean asks = command instanceof Command.Shake || command instanceof Command.AskResult;
          return asks ? said : new Reply.Refused(1, "unknown_item", "not on sale");
        };
  }

  private static Shaken ordered(OrderStatus status) {
    long now = System.currentTimeMillis();
    boolean released = status == OrderStatus.RELEASED;
    OrderFact order =
        new OrderFact(
            17,
            1001,
            Bytes.of("u1"),
            Bytes.of("form"),
            1,
            100,
            "CNY",
            status,
            now,
            now + 60_000,
            0,
            Bytes.EMPTY,
            released ? now : 0,
            released ? "unpaid" : "");
    return Shaken.accepted(order, 5, now, false);
  }

  private HttpResponse<String> post(String body, String... headers) throws Exception {
    HttpRequest.Builder request = request(FORM, headers);
    request.header("Content-Type", "application/x-www-form-urlencoded");
    return HttpContract.exchange(request, "POST", body);
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    return HttpContract.exchange(request(path, headers), "GET", "");
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(own() + path))
            .header("Accept", "text/html")
            .header("Accept-Language", "en");
    return headers.length == 0 ? request : request.headers(headers);
  }

  private String own() {
    return "http://127.0.0.1:" + whole.port();
  }

  private static String cookie() {
    return "stampede=" + WholeEdge.token("u1");
  }

  private HttpResponse<String> postOfOwnPage(String body) throws Exception {
    return post(body, "Origin", own(), "Cookie", cookie());
  }

  @Test
  void aFormBuysAndAPageShowsTheOrder() throws Exception {
    answers(ordered(OrderStatus.HELD));

    HttpResponse<String> posted = postOfOwnPage("key=form");
    String place = posted.headers().firstValue("Location").orElseThrow();
    HttpResponse<String> page = get(place, "Cookie", cookie());

    assertThat(posted.statusCode()).isEqualTo(303);
    assertThat(place).isEqualTo(RESULT + "?lang=en");
    assertThat(keys).containsExactly("form");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(page.body())
        .contains("You got it!", ">17<", "Pay by", "href=\"https://pay.example/?o=17\"")
        .contains("http-equiv=\"refresh\"");
  }

  @Test
  void aReleasedOrderMakesRoomForANewKeyAndNothingElseDoes() throws Exception {
    answers(ordered(OrderStatus.RELEASED));
    assertThat(get(RESULT, "Cookie", cookie()).body()).contains("value=\"form-2\"");

    answers(ordered(OrderStatus.PAID));
    assertThat(get(RESULT, "Cookie", cookie()).body()).contains("Paid").doesNotContain("<form");

    answers(Shaken.of(Outcome.SOLD_OUT, 1, 1));
    assertThat(get(RESULT, "Cookie", cookie()).body()).contains("value=\"form\"");
  }

  @Test
  void aRefusalOfTheAttemptIsSaidWithWhatToDo() throws Exception {
    answers(Shaken.of(Outcome.MISSED, 0, 1));

    String place = postOfOwnPage("key=form").headers().firstValue("Location").orElseThrow();
    answers(Shaken.of(Outcome.UNKNOWN, 2, 2));
    HttpResponse<String> page = get(place, "Cookie", cookie());

    assertThat(place).endsWith("&told=missed");
    assertThat(page.body()).contains("Not this time", "value=\"form\"");
    assertThat(get(RESULT + "?told=%3Cb%3E", "Cookie", cookie()).body()).doesNotContain("<b>");
  }

  @Test
  void whoIsNotSignedInIsShownWhere() throws Exception {
    HttpResponse<String> result = get(RESULT);
    HttpResponse<String> posted = post("key=form", "Origin", own());

    assertThat(posted.statusCode()).isEqualTo(401);
    assertThat(result.statusCode()).isEqualTo(401);
    assertThat(result.body())
        .contains("Sign in first", "href=\"/login?to=%2Fitems%2F1001%2Fshakes%2Fform\"");
    assertThat(get("/items/x/shakes/form").statusCode()).isEqualTo(404);
    assertThat(get(RESULT, "Origin", "https://evil.example").statusCode()).isEqualTo(403);
  }

  /** A browser lends its cookie to whoever posts: only a page of this shop may. */
  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "null", "", "http://127.0.0.1:1"})
  void aFormOfAForeignPageBuysNothing(String origin) throws Exception {
    answers(ordered(OrderStatus.HELD));

    HttpResponse<String> refused =
        origin.isEmpty()
            ? post("key=form", "Cookie", cookie())
            : post("key=form", "Cookie", cookie(), "Origin", origin);

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(keys).isEmpty();
    assertThat(postOfOwnPage("key=form").statusCode()).as("the same of its own").isEqualTo(303);
    assertThat(keys).containsExactly("form");
  }

  /** The attack where nothing is in its way: a shop whose settings trust that page. */
  @Test
  void theSameFormBuysWhereItsPageIsTrusted() throws Exception {
    String evil = "https://evil.example";
    try (WholeEdge trusting = new WholeEdge("allowedOrigins", evil)) {
      trusting.open();
      long now = System.currentTimeMillis();
      trusting.hint(new Hint.Item(1001, ItemState.OPEN, StockLevel.LOW, 1_000_000, 0, now, 0));
      answers(ordered(OrderStatus.HELD));
      trusting.script = whole.script;

      HttpRequest.Builder form =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + trusting.port() + FORM))
              .headers("Origin", evil, "Cookie", cookie(), "Accept", "text/html")
              .header("Content-Type", "application/x-www-form-urlencoded");
      assertThat(HttpContract.exchange(form, "POST", "key=form").statusCode()).isEqualTo(303);
      assertThat(keys).containsExactly("form");
    }
  }

  @Test
  void onlyKeysOfFormsAreTaken() throws Exception {
    answers(ordered(OrderStatus.HELD));

    assertThat(postOfOwnPage("key=k-1").statusCode()).isEqualTo(400);
    assertThat(postOfOwnPage("key=form-0").statusCode()).isEqualTo(400);
    assertThat(postOfOwnPage("key=form&more=" + "x".repeat(9_000)).statusCode()).isEqualTo(413);
    assertThat(keys).isEmpty();
  }
}
