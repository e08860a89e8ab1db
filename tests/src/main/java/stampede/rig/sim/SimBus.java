package stampede.rig.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Messages between machines: lost, doubled, late and overtaken at the rates in force, and nothing
 * at all where the way from one machine to another is cut.
 */
final class SimBus {
  static final int MACHINES_MAX = 16;
  private static final int QUICK_MS_MAX = 3;

  private final SimClock clock;
  private final SplittableRandom random;
  private final boolean refusesAtOnce;
  private final Map<String, List<Served>> servers = new HashMap<>();
  private final Map<String, List<Heard>> subscribers = new HashMap<>();
  private final boolean[][] cut = new boolean[MACHINES_MAX][MACHINES_MAX];
  private int lostPerMille;
  private int doubledPerMille;
  private int latePerMille;
  private int lateMsMax = 1;
  private long struck;

  private record Served(SimProcess by, Bus.Handler handler) {}

  private record Heard(SimProcess by, Consumer<byte[]> handler) {}

  /**
   * @param refusesAtOnce a request that nobody serves fails before it returns
   */
  SimBus(SimClock clock, SplittableRandom random, boolean refusesAtOnce) {
    this.clock = clock;
    this.random = random;
    this.refusesAtOnce = refusesAtOnce;
  }

  void lost(int perMille) {
    lostPerMille = perMille;
  }

  void doubled(int perMille) {
    doubledPerMille = perMille;
  }

  void late(int perMille, int msMax) {
    latePerMille = perMille;
    lateMsMax = Math.max(1, msMax);
  }

  /** Nothing gets from one machine to the other; the way back is another matter. */
  void cut(int from, int to, boolean cut) {
    this.cut[from][to] = cut;
  }

  void heal() {
    lost(0);
    doubled(0);
    late(0, 1);
    for (boolean[] row : cut) {
      java.util.Arrays.fill(row, false);
    }
  }

  /** Messages that were lost, doubled or late. */
  long struck() {
    return struck;
  }

  /** Addresses of a dead process answer nobody, but are known until this is called. */
  void forget(SimProcess process) {
    servers.values().forEach(list -> list.removeIf(served -> served.by == process));
    servers.values().removeIf(List::isEmpty);
    subscribers.values().forEach(list -> list.removeIf(heard -> heard.by == process));
  }

  Bus of(SimProcess process) {
    return new Port(process);
  }

  /** Brings a task to another machine, or loses it on the way. */
  void send(int from, SimProcess to, Runnable task) {
    if (cut[from][to.machine()] || hit(lostPerMille)) {
      struck++;
      return;
    }
    deliver(to, task);
    if (hit(doubledPerMille)) {
      struck++;
      deliver(to, task);
    }
  }

  private void deliver(SimProcess to, Runnable task) {
    long delayMs = random.nextInt(QUICK_MS_MAX + 1);
    if (hit(latePerMille)) {
      struck++;
      // Most late messages are a little late, a few very much.
      delayMs += random.nextInt(1 + random.nextInt(lateMsMax));
    }
    clock.after(delayMs, () -> to.run(task));
  }

  private boolean hit(int perMille) {
    return perMille > 0 && random.nextInt(1_000) < perMille;
  }

  private final class Port implements Bus {
    private final SimProcess process;

    private Port(SimProcess process) {
      this.process = process;
    }

    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      Call call = new Call(address, reply);
      List<Served> there = servers.getOrDefault(address, List.of());
      if (there.isEmpty()) {
        if (refusesAtOnce) {
          call.end(null);
        } else {
          process.after(1, () -> call.end(null));
        }
        return;
      }
      Served served = there.get(there.size() == 1 ? 0 : random.nextInt(there.size()));
      call.timeout = process.after(timeoutMs, () -> call.end(null));
      send(process.machine(), served.by, () -> serve(served, message, call));
    }

    private void serve(Served served, byte[] message, Call call) {
      served.handler.handle(
          message, (result, failure) -> send(served.by.machine(), process, () -> call.end(result)));
    }

    @Override
    public void publish(String address, byte[] message) {
      for (Heard heard : subscribers.getOrDefault(address, List.of())) {
        send(process.machine(), heard.by, () -> heard.handler.accept(message));
      }
    }

    @Override
    public Registration serve(String address, Handler handler) {
      Served served = new Served(process, handler);
      List<Served> list = servers.computeIfAbsent(address, a -> new ArrayList<>());
      list.add(served);
      return () -> list.remove(served);
    }

    @Override
    public Registration subscribe(String address, Consumer<byte[]> handler) {
      Heard heard = new Heard(process, handler);
      List<Heard> list = subscribers.computeIfAbsent(address, a -> new ArrayList<>());
      list.add(heard);
      return () -> list.remove(heard);
    }
  }

  /** Ends once: with the first reply, or with the time-out. */
  private static final class Call {
    private final String address;
    private @Nullable Completion<byte[]> done;
    private Timers.Timer timeout = () -> {};

    private Call(String address, Completion<byte[]> done) {
      this.address = address;
      this.done = done;
    }

    private void end(byte @Nullable [] result) {
      Completion<byte[]> waiting = done;
      if (waiting != null) {
        done = null;
        timeout.cancel();
        waiting.done(result, result == null ? new Bus.Unanswered(address) : null);
      }
    }
  }
}
