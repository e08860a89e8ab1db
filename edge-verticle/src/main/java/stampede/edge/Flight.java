package stampede.edge;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.edge.admission.Place;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Shake;

/** One command under way, and who waits for it. */
final class Flight extends Place {
  /** Askers waiting for one key. */
  static final int WAITERS_MAX = 8;

  final Bytes user;
  final Bytes key;
  final Command command;
  final List<ShakeDesk.Answer> waiters = new ArrayList<>(1);

  /** What must be asked anew once this is over, unless its verdict is about the key. */
  final List<ShakeDesk.Answer> resultWaiters = new ArrayList<>(0);

  final List<Runnable> after = new ArrayList<>(0);

  /** Once it is in its partition's queue. */
  Owners.@Nullable Waiting ticket;

  /** It has one of its item's credits. */
  boolean hasCredit;

  boolean pendingTold;
  boolean done;

  /** Of the next word to those who wait. */
  long remindAtMs;

  /** Another one of the same user. */
  @Nullable Flight next;

  Flight(Bytes user, long item, Bytes key, Command command, ShakeDesk.Answer first, long nowMs) {
    super(item, nowMs);
    this.user = user;
    this.key = key;
    this.command = command;
    waiters.add(first);
  }

  /** False: a question for a result. */
  boolean isShake() {
    return command instanceof Shake;
  }

  boolean is(long item, Bytes key, boolean shake) {
    return item() == item && isShake() == shake && this.key.equals(key);
  }

  boolean isFor(int quantity) {
    return command instanceof Shake shake && shake.quantity() == quantity;
  }

  boolean full() {
    return waiters.size() + resultWaiters.size() + after.size() >= WAITERS_MAX;
  }

  /** Everybody who waits for a word about the key, each once. */
  List<ShakeDesk.Answer> everybody() {
    if (resultWaiters.isEmpty()) {
      return waiters;
    }
    List<ShakeDesk.Answer> all = new ArrayList<>(waiters);
    resultWaiters.stream().filter(waiter -> !waiters.contains(waiter)).forEach(all::add);
    return all;
  }
}
