package stampede.edge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;

/**
 * What may come in a request's body, the same for every route: at most {@value #BYTES_MAX} bytes,
 * declared as JSON before a byte of it is read (a form posted by a foreign page can't carry that
 * type), no member twice, at most {@value #DEPTH_MAX} levels.
 */
public final class JsonBody {
  static final int BYTES_MAX = 8_192;
  static final int DEPTH_MAX = 16;

  /** Refuses a member given twice: two readers might each take another one. */
  static final JsonFactory STRICT =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(100)
                  .build())
          .build();

  private JsonBody() {}

  /** A route for {@code path}, which takes JSON; its type is checked before it is read. */
  public static Route posted(Router router, String path) {
    router.post(path).handler(JsonBody::requireType);
    return ignored(router, path);
  }

  /** A route for {@code path}, which needs no body; one that comes all the same is bounded. */
  public static Route ignored(Router router, String path) {
    return router.post(path).handler(bounded());
  }

  private static BodyHandler bounded() {
    return BodyHandler.create(false).setBodyLimit(BYTES_MAX);
  }

  private static void requireType(RoutingContext ctx) {
    if (isJson(ctx.request().getHeader(HttpHeaders.CONTENT_TYPE))) {
      ctx.next();
    } else {
      ctx.response().putHeader("Accept-Post", "application/json");
      ctx.fail(415);
    }
  }

  private static boolean isJson(@Nullable String type) {
    String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return media.equals("application/json");
  }

  /**
   * @throws InvalidField naming {@code body} when it is not JSON, or more of it than is taken here
   */
  static void requireStrict(Buffer body) {
    try (JsonParser in = STRICT.createParser(body.getBytes())) {
      while (in.nextToken() != null) {
        in.getTextLength(); // else a number is only looked at when somebody asks for it
      }
    } catch (IOException fault) {
      throw notTaken("body", fault);
    }
  }

  /** {@code named}: what could not be read. */
  static InvalidField notTaken(String named, IOException fault) {
    if (fault instanceof StreamConstraintsException) {
      return new InvalidField(named, "is nested too deep, or has too long a number");
    }
    boolean twice = String.valueOf(fault.getMessage()).startsWith("Duplicate field");
    return new InvalidField(named, twice ? "has a member twice" : "is not well-formed JSON");
  }
}
