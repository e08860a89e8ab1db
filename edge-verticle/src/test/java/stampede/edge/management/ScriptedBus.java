package stampede.edge.management;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.HandOver;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/** A bus with one persist node that answers what a test says, at once. */
final class ScriptedBus implements Bus {
  /** Null = no answer. */
  Function<JsonObject, JsonObject> persist = query -> null;

  /** By address: what sale nodes say of themselves. */
  final Map<String, JsonObject> conditions = new HashMap<>();

  /** What an owner says that is told to step aside; null = nothing. */
  HandOver.@Nullable Answer aside;

  final List<HandOver> asides = new ArrayList<>();
  final List<JsonObject> queries = new ArrayList<>();
  final List<String> published = new ArrayList<>();
  private final Map<String, Consumer<byte[]>> subscribers = new HashMap<>();

  @Override
  public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
    if (address.endsWith(Addresses.condition(""))) {
      JsonObject condition = conditions.get(address);
      if (condition == null) {
        reply.fail(new Unanswered("nobody there"));
      } else {
        reply.succeed(condition.encode().getBytes(StandardCharsets.UTF_8));
      }
      return;
    }
    if (address.endsWith(Addresses.stepAside(""))) {
      asides.add(HandOver.decode(message));
      HandOver.Answer answer = aside;
      if (answer == null) {
        reply.fail(new Unanswered("nobody there"));
      } else {
        reply.succeed(answer.encode());
      }
      return;
    }
    if (!address.equals(Addresses.PERSIST_QUERY)) {
      throw new AssertionError("nobody may be asked at " + address);
    }
    JsonObject query = new JsonObject(new String(message, StandardCharsets.UTF_8));
    queries.add(query);
    JsonObject answer = persist.apply(query);
    if (answer == null) {
      reply.fail(new Unanswered("nobody there"));
    } else {
      reply.succeed(answer.encode().getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void publish(String address, byte[] message) {
    published.add(address + " " + new String(message, StandardCharsets.UTF_8));
  }

  @Override
  public Registration serve(String address, Handler handler) {
    throw new AssertionError("the management port serves no bus address");
  }

  @Override
  public Registration subscribe(String address, Consumer<byte[]> handler) {
    subscribers.put(address, handler);
    return () -> subscribers.remove(address);
  }

  void deliver(String address, String message) {
    deliver(address, message.getBytes(StandardCharsets.UTF_8));
  }

  void deliver(String address, byte[] message) {
    subscribers.get(address).accept(message);
  }
}
