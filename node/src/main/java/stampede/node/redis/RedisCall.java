package stampede.node.redis;

import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Completion;

/** One call from the moment it is made until its completion; it may be sent twice (NOSCRIPT). */
final class RedisCall {
  final Request request;
  final Completion<Response> done;
  private @Nullable Request withText;
  long timer;

  /**
   * @param withText what to send when Redis does not know the script of {@code request}
   */
  RedisCall(Request request, @Nullable Request withText, Completion<Response> done) {
    this.request = request;
    this.withText = withText;
    this.done = done;
  }

  /** The request with the script's text; null if there is none or it was sent before. */
  @Nullable Request takeWithText() {
    Request taken = withText;
    withText = null;
    return taken;
  }
}
