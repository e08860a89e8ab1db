package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;

/** The floor of everything over WebSockets: one event loop that sends back what it gets. */
public final class EchoServer implements AutoCloseable {
  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
  private final HttpServer server;

  public EchoServer() {
    server =
        vertx
            .createHttpServer(options())
            .webSocketHandler(
                socket ->
                    socket.textMessageHandler(
                        text -> socket.writeTextMessage(text).onFailure(gone -> socket.close())))
            .listen(0, "127.0.0.1")
            .await();
  }

  /** Of every server that is held against this floor. */
  public static HttpServerOptions options() {
    return new HttpServerOptions()
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setWebSocketSubProtocols(List.of("shake.v1"))
        .setAcceptBacklog(8_192);
  }

  public int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
