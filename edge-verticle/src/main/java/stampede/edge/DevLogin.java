package stampede.edge;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;

/**
 * A shopper token for whoever asks, for trying things out on one's own machine. Mounted only where
 * it was asked for; everybody not on this machine hears 404.
 */
public final class DevLogin {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "::1", "0:0:0:0:0:0:0:1");
  private static final int TOKEN_MINUTES = 60;

  private final JWTAuth tokens;

  public DevLogin(Vertx vertx, String jwtSecret) {
    PubSecKeyOptions key =
        new PubSecKeyOptions().setAlgorithm("HS256").setBuffer(Buffer.buffer(jwtSecret));
    tokens = JWTAuth.create(vertx, new JWTAuthOptions().addPubSecKey(key));
  }

  public void mount(Router router) {
    router
        .post("/dev/login")
        .handler(
            ctx -> {
              if (isFromThisMachine(ctx)) {
                ctx.next();
              } else {
                ctx.fail(404);
              }
            });
    JsonBody.posted(router, "/dev/login").handler(this::login);
  }

  private void login(RoutingContext ctx) {
    try {
      String user = Fields.ofBody(ctx).bytes("user").utf8();
      JWTOptions options =
          new JWTOptions()
              .setAlgorithm("HS256")
              .addAudience(Identity.AUDIENCE)
              .setExpiresInMinutes(TOKEN_MINUTES);
      String token = tokens.generateToken(new JsonObject().put("sub", user), options);
      JsonAnswer.personal(ctx, new JsonObject().put("token", token));
    } catch (InvalidField invalid) {
      Problem.send(ctx, invalid);
    }
  }

  /** Behind a proxy on this machine the connection always comes from here: then its word counts. */
  private static boolean isFromThisMachine(RoutingContext ctx) {
    SocketAddress remote = ctx.request().connection().remoteAddress();
    boolean near = remote != null && isLoopback(remote.hostAddress());
    return near
        && ctx.request().getHeader("Forwarded") == null
        && allLoopback(ctx.request().getHeader("X-Real-IP"))
        && ctx.request().headers().getAll("X-Forwarded-For").stream()
            .allMatch(DevLogin::allLoopback);
  }

  private static boolean allLoopback(@Nullable String addresses) {
    if (addresses == null) {
      return true;
    }
    for (String address : addresses.split(",", -1)) {
      if (!isLoopback(address.strip())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLoopback(@Nullable String address) {
    return address != null && LOOPBACK.contains(address);
  }
}
