package stampede.edge.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.WebSocket;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client socket whose text frames wait to be looked at. */
final class Probe {
  final WebSocket socket;
  final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
  final CompletableFuture<Short> closed = new CompletableFuture<>();

  Probe(WebSocket socket) {
    this.socket = socket;
    socket.textMessageHandler(text -> frames.add(new JsonObject(text)));
    socket.closeHandler(gone -> closed.complete(socket.closeStatusCode()));
  }

  /** Of the usual bridge, which sends binary ones: these wait too. */
  static Probe ofBridge(WebSocket socket) {
    Probe probe = new Probe(socket);
    socket.binaryMessageHandler(bytes -> probe.frames.add(new JsonObject(bytes)));
    return probe;
  }

  JsonObject ask(String frame) throws Exception {
    socket.writeTextMessage(frame);
    return next();
  }

  JsonObject next() throws Exception {
    JsonObject frame = frames.poll(10, TimeUnit.SECONDS);
    assertThat(frame).as("a frame within 10 s").isNotNull();
    return frame;
  }
}
