package stampede.standalone;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * What a shop's public port says before a load begins. Blocks, at most {@value #ANSWER_SECONDS_MAX}
 * s a question.
 */
final class ShopPage {
  private static final int ANSWER_SECONDS_MAX = 5;

  private final URI shop;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(ANSWER_SECONDS_MAX)).build();

  /** What matters of an item. */
  record Item(String title, String state, int limitPerUser) {}

  ShopPage(URI shop) {
    this.shop = shop;
  }

  /**
   * The item as the shop shows it.
   *
   * @throws EnvironmentFault if nobody listens, no shop answers, or there is no such item
   */
  Item item(String item) {
    HttpResponse<String> answer = get("/api/v1/items/" + item, null);
    if (answer.statusCode() == 404) {
      throw new EnvironmentFault(
          "--item " + item,
          "no such item at " + shop,
          "the id of a published item, as admin.item.create replied it");
    }
    JsonObject page = json(answer);
    return new Item(
        page.getString("title", ""),
        page.getString("state", "unknown"),
        page.getInteger("limitPerUser", 1));
  }

  /**
   * Makes sure that tokens of this secret are taken.
   *
   * @throws EnvironmentFault if they are not
   */
  void requireAccepted(String token) {
    HttpResponse<String> answer = get("/api/v1/orders", token);
    if (answer.statusCode() == 401) {
      throw new EnvironmentFault(
          "STAMPEDE_JWT_SECRET",
          "that " + shop + " refuses tokens signed with it",
          "the secret of that shop, or --data with its directory");
    }
  }

  private JsonObject json(HttpResponse<String> answer) {
    try {
      if (answer.statusCode() == 200) {
        return new JsonObject(answer.body());
      }
    } catch (DecodeException e) {
      throw new EnvironmentFault("--url " + shop, "an answer that is no JSON", "a shop's url", e);
    }
    throw new EnvironmentFault(
        "--url " + shop,
        "status " + answer.statusCode() + " for " + answer.uri().getPath(),
        "the public port of a shop that is ready");
  }

  private HttpResponse<String> get(String path, @org.jspecify.annotations.Nullable String token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(shop.resolve(path)).timeout(Duration.ofSeconds(ANSWER_SECONDS_MAX));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new EnvironmentFault(
          "--url " + shop, "nobody who answers: " + e, "the public port of a running shop", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
