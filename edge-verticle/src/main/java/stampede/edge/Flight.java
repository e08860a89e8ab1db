package stampede.edge;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

  /** Whom it was made for; nearly always nobody else waits. */
  final ShakeDesk.Answer first;

  private List<ShakeDesk.Answer> others = List.of();
  private List<ShakeDesk.Answer> resultWaiters = List.of();
  private List<Runnable> after = List.of();

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
    this.first = first;
  }

  /** Somebody but the first waits for its end. */
  boolean hasFollowers() {
    return !(others.isEmpty() && resultWaiters.isEmpty() && after.isEmpty());
  }

  boolean isAwaitedBy(ShakeDesk.Answer waiter) {
    return first.equals(waiter) || others.contains(waiter);
  }

  /** Who joined the first. */
  List<ShakeDesk.Answer> others() {
    return others;
  }

  void add(ShakeDesk.Answer waiter) {
    others = with(others, waiter);
  }

  /** Who must be asked for anew once this is over, unless its verdict is about the key. */
  List<ShakeDesk.Answer> resultWaiters() {
    return resultWaiters;
  }

  void addForResult(ShakeDesk.Answer waiter) {
    resultWaiters = with(resultWaiters, waiter);
  }

  List<Runnable> after() {
    return after;
  }

  void then(Runnable next) {
    after = with(after, next);
  }

  private static <T> List<T> with(List<T> few, T one) {
    List<T> more = new ArrayList<>(few);
    more.add(one);
    return more;
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
    return 1 + others.size() + resultWaiters.size() + after.size() >= WAITERS_MAX;
  }

  /** Everybody who waits for a word about the key, each once. */
  Set<ShakeDesk.Answer> everybody() {
    Set<ShakeDesk.Answer> all = new LinkedHashSet<>();
    all.add(first);
    all.addAll(others);
    all.addAll(resultWaiters);
    return all;
  }
}
