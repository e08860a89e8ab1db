package stampede.edge;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Holds exchanges over HTTP against {@code openapi.yaml}. Every status, header and member of an
 * answer must be in the file; a request that succeeded must be as the file says.
 */
public final class HttpContract {
  private static final JsonObject FILE = load("openapi.yaml");
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Map<String, Validator> VALIDATORS = new ConcurrentHashMap<>();

  /** Of HTTP itself, on any answer. */
  private static final Set<String> PLAIN =
      Set.of(
          ":status", "content-type", "content-length", "connection", "date", "transfer-encoding");

  /** {@code operationId status} of all exchanges of this process. */
  static final Set<String> SEEN = new ConcurrentSkipListSet<>();

  private HttpContract() {}

  /** Names of headers in lower case. */
  public record Exchange(
      String method,
      String uri,
      Map<String, String> asked,
      String body,
      int status,
      Map<String, String> told,
      String answer) {}

  static JsonObject load(String file) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    Map<String, Object> read =
        new Yaml(new SafeConstructor(options)).load(HttpContract.class.getResourceAsStream(file));
    return new JsonObject(new JsonObject(read).encode());
  }

  static JsonObject file() {
    return FILE;
  }

  /** Each {@code operationId status} of the file. */
  static Set<String> promised() {
    Set<String> all = new TreeSet<>();
    operations(
        (path, operation) ->
            operation
                .getJsonObject("responses")
                .fieldNames()
                .forEach(status -> all.add(operation.getString("operationId") + " " + status)));
    return all;
  }

  /** Each operation by its method and path, such as {@code GET /items/{id}}. */
  static void operations(BiConsumer<String, JsonObject> each) {
    for (Map.Entry<String, Object> path : FILE.getJsonObject("paths")) {
      for (Map.Entry<String, Object> verb : (JsonObject) path.getValue()) {
        each.accept(
            verb.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
            (JsonObject) verb.getValue());
      }
    }
  }

  /**
   * Asks an edge, and holds what was said against the file.
   *
   * @param body "" = none
   */
  static HttpResponse<String> exchange(HttpRequest.Builder request, String method, String body)
      throws IOException, InterruptedException {
    BodyPublisher publisher =
        body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    HttpRequest sent = request.method(method, publisher).timeout(Duration.ofSeconds(10)).build();
    HttpResponse<String> response = CLIENT.send(sent, BodyHandlers.ofString());
    String query = sent.uri().getRawQuery();
    check(
        new Exchange(
            method,
            sent.uri().getRawPath() + (query == null ? "" : "?" + query),
            plain(sent.headers()),
            body,
            response.statusCode(),
            plain(response.headers()),
            response.body()));
    return response;
  }

  private static Map<String, String> plain(HttpHeaders headers) {
    Map<String, String> plain = new HashMap<>();
    headers
        .map()
        .forEach((name, values) -> plain.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    return plain;
  }

  public static void check(Exchange exchange) {
    try {
      holds(exchange);
    } catch (AssertionError | DecodeException broken) {
      throw new AssertionError(broken.getMessage() + "\n  in " + exchange, broken);
    }
  }

  private static void holds(Exchange exchange) {
    String path = URI.create(exchange.uri()).getRawPath();
    JsonObject operation = operationAt(exchange.method(), path);
    JsonObject everywhere = FILE.getJsonObject("x-everywhere").getJsonObject("responses");
    String status = Integer.toString(exchange.status());
    JsonObject answer =
        operation == null ? null : operation.getJsonObject("responses").getJsonObject(status);
    if (answer == null) {
      answer = everywhere.getJsonObject(status);
      require(answer != null, "status " + status + " is not in the contract");
    } else {
      SEEN.add(operation.getString("operationId") + " " + status);
    }
    answered(resolved(answer), exchange);
    if (operation != null && exchange.status() < 300) {
      asked(operation, exchange);
    }
  }

  private static @Nullable JsonObject operationAt(String method, String path) {
    Map<String, JsonObject> found = new TreeMap<>();
    operations(
        (at, operation) -> {
          if (at.startsWith(method + " ") && matches(at.substring(method.length() + 1), path)) {
            found.put(at.contains("{") ? "~" + at : at, operation);
          }
        });
    return found.isEmpty() ? null : found.values().iterator().next();
  }

  private static boolean matches(String template, String path) {
    return path.matches(template.replace(".", "\\.").replaceAll("\\{[a-z]+}", "[^/]+"));
  }

  private static void asked(JsonObject operation, Exchange exchange) {
    Map<String, String> query = query(exchange.uri());
    for (Object entry : operation.getJsonArray("parameters", new JsonArray())) {
      JsonObject parameter = resolved((JsonObject) entry);
      String name = parameter.getString("name");
      String in = parameter.getString("in");
      String value =
          in.equals("query")
              ? query.remove(name)
              : in.equals("header") ? exchange.asked().get(name.toLowerCase(Locale.ROOT)) : null;
      boolean needed = parameter.getBoolean("required", false) && !in.equals("path");
      require(value != null || !needed, "parameter " + name + " was not given, and it succeeded");
      if (value != null) {
        valid(parameter.getJsonObject("schema"), value, "parameter " + name);
      }
    }
    require(query.isEmpty(), "parameters " + query + " are not in the contract");
    JsonObject body = operation.getJsonObject("requestBody");
    JsonObject json =
        body == null ? null : body.getJsonObject("content").getJsonObject("application/json");
    if (json != null) {
      valid(json.getJsonObject("schema"), new JsonObject(exchange.body()), "the body");
    }
  }

  private static Map<String, String> query(String uri) {
    Map<String, String> query = new HashMap<>();
    String raw = URI.create(uri).getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      String[] parts = pair.split("=", 2);
      query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  private static void answered(JsonObject answer, Exchange exchange) {
    JsonObject headers = answer.getJsonObject("headers", new JsonObject());
    Set<String> named = new TreeSet<>(PLAIN);
    for (Map.Entry<String, Object> entry : headers) {
      String name = entry.getKey().toLowerCase(Locale.ROOT);
      named.add(name);
      JsonObject header = resolved((JsonObject) entry.getValue());
      String value = exchange.told().get(name);
      require(value != null || !header.getBoolean("required"), "header " + name + " is missing");
      if (value != null) {
        valid(header.getJsonObject("schema"), value, "header " + name);
      }
    }
    exchange
        .told()
        .keySet()
        .forEach(name -> require(named.contains(name), "header " + name + " is not promised"));
    JsonObject content = answer.getJsonObject("content");
    if (content == null) {
      require(exchange.answer().isEmpty(), "a body is not promised");
      return;
    }
    String type = String.valueOf(exchange.told().get("content-type")).split(";")[0];
    JsonObject kind = content.getJsonObject(type);
    require(kind != null, "content type " + type + " is not promised");
    boolean json = type.endsWith("json");
    Object body = json ? new JsonObject(exchange.answer()) : exchange.answer();
    valid(kind.getJsonObject("schema"), body, "the answer");
  }

  static JsonObject resolved(JsonObject node) {
    String at = node.getString("$ref");
    if (at == null) {
      return node;
    }
    JsonObject found = FILE;
    for (String part : at.substring(2).split("/")) {
      found = found.getJsonObject(part);
      require(found != null, at + " leads nowhere");
    }
    return found;
  }

  private static void valid(JsonObject schema, Object value, String what) {
    valid(FILE, schema, value, what);
  }

  static void valid(JsonObject file, JsonObject schema, Object value, String what) {
    JsonObject schemas = file.getJsonObject("components").getJsonObject("schemas");
    JsonObject whole =
        schema.copy().put("components", new JsonObject().put("schemas", schemas.copy()));
    Validator validator =
        VALIDATORS.computeIfAbsent(
            whole.encode(),
            text ->
                Validator.create(
                    JsonSchema.of(new JsonObject(text)),
                    new JsonSchemaOptions()
                        .setDraft(Draft.DRAFT202012)
                        .setBaseUri("app://stampede")
                        .setOutputFormat(OutputFormat.Basic)));
    OutputUnit found;
    synchronized (validator) {
      found = validator.validate(value);
    }
    require(Boolean.TRUE.equals(found.getValid()), what + ": " + found.toJson());
  }

  private static void require(boolean holds, String fault) {
    if (!holds) {
      throw new AssertionError(fault);
    }
  }
}
