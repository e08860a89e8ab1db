package stampede.node;

import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.CorruptRecord;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/** {@link Bus} over the event bus, clustered or not. */
public final class VertxBus implements Bus {
  private static final Logger log = LoggerFactory.getLogger(VertxBus.class);

  private final EventBus eventBus;

  public VertxBus(Vertx vertx) {
    this.eventBus = vertx.eventBus();
  }

  @Override
  public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(timeoutMs);
    eventBus
        .<Buffer>request(address, buffer(message), options)
        .onComplete(
            answer -> {
              if (answer.succeeded()) {
                reply.succeed(answer.result().body().getBytes());
              } else {
                reply.fail(new Unanswered(address + ": " + answer.cause().getMessage()));
              }
            });
  }

  /** Without a copy: who hears it here gets one of its own, and nobody writes to this one. */
  private static Buffer buffer(byte[] message) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(message));
  }

  @Override
  public void publish(String address, byte[] message) {
    eventBus.publish(address, buffer(message));
  }

  @Override
  public Registration serve(String address, Handler handler) {
    MessageConsumer<Buffer> consumer =
        eventBus.consumer(
            address,
            message ->
                handler.handle(
                    message.body().getBytes(),
                    (result, failure) -> {
                      if (result != null) {
                        message.reply(buffer(result));
                      } else {
                        message.fail(1, String.valueOf(failure));
                      }
                    }));
    return consumer::unregister;
  }

  @Override
  public Registration subscribe(String address, Consumer<byte[]> handler) {
    MessageConsumer<Buffer> consumer =
        eventBus.consumer(
            address,
            message -> {
              try {
                handler.accept(message.body().getBytes());
              } catch (CorruptRecord e) {
                log.warn("bus.bad-message address={}: {}", address, e.getMessage());
              }
            });
    return consumer::unregister;
  }
}
