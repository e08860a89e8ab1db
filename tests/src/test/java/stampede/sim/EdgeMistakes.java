package stampede.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import stampede.edge.OwnerRoutes;
import stampede.edge.ShakeDesk;
import stampede.edge.Verdict;
import stampede.edge.admission.Visitor;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.ItemState;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.rig.sim.Mistake;

/** Bugs of the edge. */
final class EdgeMistakes {
  private EdgeMistakes() {}

  /** An owner that does not answer is asked with another key. */
  static Mistake newKeyOnRetry() {
    return new Mistake() {
      @Override
      public Bus edgeBus(Bus bus, int edge) {
        return new Rekeying(bus);
      }
    };
  }

  private static final class Rekeying implements Bus {
    private final Bus bus;
    private final Set<List<Bytes>> sent = new HashSet<>();

    private Rekeying(Bus bus) {
      this.bus = bus;
    }

    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      boolean batch =
          address.startsWith("sale.s") && !address.endsWith(".soldout") && message.length > 0;
      bus.request(address, batch ? rekeyed(message) : message, timeoutMs, reply);
    }

    private byte[] rekeyed(byte[] message) {
      CommandBatch batch = CommandBatch.decode(message);
      List<Command> commands = batch.commands().stream().map(this::rekeyed).toList();
      return new CommandBatch(batch.partition(), batch.epoch(), batch.passage(), commands).encode();
    }

    private Command rekeyed(Command command) {
      return command instanceof Command.Shake s && !sent.add(List.of(s.user(), s.key()))
          ? new Command.Shake(s.item(), s.user(), Bytes.of(s.key() + "-2"), s.quantity())
          : command;
    }

    @Override
    public void publish(String address, byte[] message) {
      bus.publish(address, message);
    }

    @Override
    public Registration serve(String address, Handler handler) {
      return bus.serve(address, handler);
    }

    @Override
    public Registration subscribe(String address, Consumer<byte[]> handler) {
      return bus.subscribe(address, handler);
    }
  }

  /** Whoever shakes a sold-out item hears so from the edge, winners too. */
  static Mistake soldOutToWinner() {
    return new Mistake() {
      @Override
      public void shake(
          ShakeDesk desk,
          OwnerRoutes routes,
          Bytes user,
          long item,
          Bytes key,
          int quantity,
          ShakeDesk.Answer answer) {
        OwnerRoutes.ItemHint hint = routes.item(item);
        if (hint != null && hint.item().state() == ItemState.SOLD_OUT) {
          Reply.Shaken soldOut = Reply.Shaken.of(Outcome.SOLD_OUT, hint.position(), hint.asOf());
          answer.told(item, key, Verdict.ofOwner(soldOut));
        } else {
          desk.shake(new Visitor(user, 0), item, key, quantity, answer);
        }
      }
    };
  }

  /** What was sold out once is taken to be so until a hint says otherwise. */
  static Mistake soldOutNeverOld() {
    return new Mistake() {
      @Override
      public Timers soldOutTimers(Timers timers) {
        return new Timers() {
          @Override
          public long nanos() {
            return 0;
          }

          @Override
          public Timer after(long delayMs, Runnable task) {
            return timers.after(delayMs, task);
          }
        };
      }

      @Override
      public LongSupplier soldOutWallClock(LongSupplier epochMs) {
        return () -> 0;
      }
    };
  }

  /** A suspended edge takes what it knew before for new: its monotonic clock stood still. */
  static Mistake soldOutAfterSuspension() {
    return new Mistake() {
      @Override
      public LongSupplier soldOutWallClock(LongSupplier epochMs) {
        return () -> 0;
      }
    };
  }

  /** The age of an answer is counted from when it was taken from the socket. */
  static Mistake soldOutCountedFromReceipt() {
    return new Mistake() {
      @Override
      public Bus edgeBus(Bus bus, int edge) {
        return new SoldOutBus(bus) {
          private final Map<Integer, byte[]> lay = new HashMap<>();

          @Override
          void ask(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
            int partition = SoldOutQuery.decode(message).partition();
            byte[] before = lay.remove(partition);
            super.ask(
                address,
                message,
                timeoutMs,
                (answer, failure) -> {
                  if (before == null) {
                    reply.done(answer, failure);
                  }
                  if (answer != null) {
                    lay.put(partition, answer);
                  }
                });
            if (before != null) {
              reply.succeed(before);
            }
          }
        };
      }
    };
  }

  /** Winners since the filter came are never added to it. */
  static Mistake soldOutByAnOldFilter() {
    return new Mistake() {
      @Override
      public Bus edgeBus(Bus bus, int edge) {
        return new SoldOutBus(bus) {
          @Override
          void ask(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
            super.ask(
                address,
                message,
                timeoutMs,
                (answer, failure) -> reply.done(answer == null ? null : old(answer), failure));
          }
        };
      }
    };
  }

  private static byte[] old(byte[] message) {
    SoldOutQuery.Answer answer = SoldOutQuery.Answer.decode(message);
    List<SoldOutQuery.Item> items =
        answer.items().stream()
            .map(i -> new SoldOutQuery.Item(i.item(), i.lastsMs(), i.whole(), new long[0]))
            .toList();
    return new SoldOutQuery.Answer(answer.position(), items).encode();
  }

  /** Bends only what is asked about sold-out items. */
  private abstract static class SoldOutBus implements Bus {
    private final Bus bus;

    private SoldOutBus(Bus bus) {
      this.bus = bus;
    }

    void ask(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      bus.request(address, message, timeoutMs, reply);
    }

    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      if (address.endsWith(".soldout")) {
        ask(address, message, timeoutMs, reply);
      } else {
        bus.request(address, message, timeoutMs, reply);
      }
    }

    @Override
    public void publish(String address, byte[] message) {
      bus.publish(address, message);
    }

    @Override
    public Registration serve(String address, Handler handler) {
      return bus.serve(address, handler);
    }

    @Override
    public Registration subscribe(String address, Consumer<byte[]> handler) {
      return bus.subscribe(address, handler);
    }
  }
}
