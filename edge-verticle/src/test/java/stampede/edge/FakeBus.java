package stampede.edge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/** Keeps every request until the test answers it; unanswered ones time out. */
final class FakeBus implements Bus {
  /** One request under way. */
  static final class Sent {
    final String address;
    final byte[] message;
    private Completion<byte[]> reply;

    Sent(String address, byte[] message, Completion<byte[]> reply) {
      this.address = address;
      this.message = message;
      this.reply = reply;
    }

    CommandBatch batch() {
      return CommandBatch.decode(message);
    }

    boolean open() {
      return reply != null;
    }

    void answer(BatchReply answer) {
      answer(answer.encode());
    }

    void answer(byte[] answer) {
      Completion<byte[]> to = reply;
      reply = null;
      if (to != null) {
        to.succeed(answer);
      }
    }

    private void timeOut() {
      Completion<byte[]> to = reply;
      reply = null;
      if (to != null) {
        to.fail(new Unanswered(address));
      }
    }
  }

  private final VirtualTimers timers;
  private final Map<String, List<Consumer<byte[]>>> subscribers = new HashMap<>();

  /** Batches sent to owners, oldest first. */
  final List<Sent> batches = new ArrayList<>();

  /** Owners asked whether they hear, oldest first. */
  final List<Sent> pings = new ArrayList<>();

  /** Owners asked what is sold out, oldest first. */
  final List<Sent> soldOutQueries = new ArrayList<>();

  /** Questions for owners, oldest first. */
  final List<Sent> questions = new ArrayList<>();

  FakeBus(VirtualTimers timers) {
    this.timers = timers;
  }

  @Override
  public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
    Sent sent = new Sent(address, message, reply);
    if (address.equals(Addresses.OWNERS)) {
      questions.add(sent);
    } else if (address.endsWith(".soldout")) {
      soldOutQueries.add(sent);
    } else {
      (message.length == 0 ? pings : batches).add(sent);
    }
    timers.after(timeoutMs, sent::timeOut);
  }

  @Override
  public void publish(String address, byte[] message) {
    List.copyOf(subscribers.getOrDefault(address, List.of())).forEach(s -> s.accept(message));
  }

  @Override
  public Registration serve(String address, Handler handler) {
    throw new AssertionError("an edge serves no address");
  }

  @Override
  public Registration subscribe(String address, Consumer<byte[]> handler) {
    subscribers.computeIfAbsent(address, a -> new ArrayList<>()).add(handler);
    return () -> subscribers.get(address).remove(handler);
  }

  List<Sent> open() {
    return batches.stream().filter(Sent::open).toList();
  }

  Sent last() {
    return batches.get(batches.size() - 1);
  }
}
