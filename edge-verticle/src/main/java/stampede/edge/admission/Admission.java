package stampede.edge.admission;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.EdgeLimit;

/**
 * Who is let in, question after question, the cheapest first; see the package's manual. Asking
 * changes nothing: what a shake costs its user is charged when it was passed on. On the edge's
 * event loop.
 */
public final class Admission {
  private static final long SECOND_MS = 1_000;
  private static final long MINUTE_MS = 60_000;
  private static final int BUSY_SPREAD_MS = 500;

  /** A step and what is asked there. */
  private record Asked(Step step, Rule rule) {}

  private final LiveLimits limits;
  private final IntUnaryOperator random;
  private final Blocked blocked;
  private final Cooldown cooldown;
  private final Rate userRate;
  private final Rate addressRate;
  private final Rate nodeRate;
  private final Rate deviceRate;
  private final HumanGap humanGap;
  private final SharedKeys sharedKeys;
  private final AddressCrowds addressCrowds;
  private final Asked[] steps;

  /**
   * @param soldOut whether nothing is left, for certain, and the user has no order of it
   * @param cooldownsMax users and items whose cooldown is remembered
   * @param usersMax users remembered for their rate and for signs of machines
   * @param random n → a number from 0 to n − 1
   */
  public Admission(
      LiveLimits limits,
      Predicate<Attempt> soldOut,
      int cooldownsMax,
      int usersMax,
      int addressesMax,
      IntUnaryOperator random) {
    this.limits = limits;
    this.random = random;
    blocked = new Blocked(limits);
    cooldown = new Cooldown(cooldownsMax);
    userRate =
        new Rate(
            limits,
            EdgeLimit.USER_SHAKES_PER_MINUTE,
            EdgeLimit.USER_BURST,
            MINUTE_MS,
            usersMax,
            attempt -> attempt.user().hash64(),
            random);
    addressRate =
        new Rate(
            limits,
            EdgeLimit.ADDRESS_SHAKES_PER_SECOND,
            EdgeLimit.ADDRESS_BURST,
            SECOND_MS,
            addressesMax,
            attempt -> attempt.visitor().network(),
            random);
    nodeRate =
        new Rate(
            limits,
            EdgeLimit.NODE_SHAKES_PER_SECOND,
            EdgeLimit.NODE_BURST,
            SECOND_MS,
            1,
            attempt -> 1,
            random);
    deviceRate =
        new Rate(
            limits,
            EdgeLimit.ADDRESS_DEVICES_PER_MINUTE,
            EdgeLimit.ADDRESS_DEVICES_BURST,
            MINUTE_MS,
            addressesMax,
            attempt -> attempt.visitor().network(),
            random);
    humanGap = new HumanGap(limits, usersMax);
    sharedKeys = new SharedKeys(limits, usersMax);
    addressCrowds = new AddressCrowds(limits, addressesMax);
    steps =
        List.of(
                new Asked(Step.BLOCKED, blocked),
                new Asked(Step.WINDOW, ItemRules::window),
                new Asked(Step.PAUSED, attempt -> ItemRules.paused(attempt, random)),
                new Asked(Step.SOLD_OUT, attempt -> soldOut.test(attempt) ? 0 : Rule.GO_ON),
                new Asked(Step.COOLDOWN, cooldown),
                new Asked(Step.GATE, attempt -> ItemRules.gate(attempt, random)),
                new Asked(Step.USER_RATE, userRate),
                new Asked(Step.ADDRESS_RATE, addressRate),
                new Asked(Step.NODE_RATE, nodeRate))
            .toArray(Asked[]::new);
  }

  public LiveLimits limits() {
    return limits;
  }

  /** Null = let in, so far: a place in a line must be free too, see {@code full}. */
  public @Nullable Refusal refusal(Attempt attempt) {
    for (Asked asked : steps) {
      long waitMs = asked.rule.waitMs(attempt);
      if (waitMs != Rule.GO_ON) {
        return new Refusal(asked.step, waitMs);
      }
    }
    return null;
  }

  /** Until the cooldown lets the next one in; 0 = now. */
  public long cooldownMs(Attempt next) {
    return Math.max(0, cooldown.waitMs(next));
  }

  /** What is left of the user's rate; null = there is none. */
  public Rate.@Nullable Left userRate(Attempt next) {
    return userRate.left(next);
  }

  /** 0 = the address gets a token for one more device, and it counts; else the time to wait. */
  public long deviceWaitMs(long network, long nowMs) {
    Attempt asked = ofDevice(network, nowMs);
    long waitMs = deviceRate.waitMs(asked);
    if (waitMs != Rule.GO_ON) {
      return waitMs;
    }
    deviceRate.passed(asked);
    return 0;
  }

  /** What is left of that; null = there is no limit. */
  public Rate.@Nullable Left deviceRate(long network, long nowMs) {
    return deviceRate.left(ofDevice(network, nowMs));
  }

  private static Attempt ofDevice(long network, long nowMs) {
    return new Attempt(new Visitor(Bytes.EMPTY, network), 0, Bytes.EMPTY, null, 0, nowMs);
  }

  /** Null = not suspected. Asked once of each shake that is let in: it is remembered. */
  public @Nullable Suspicion suspicion(Attempt attempt) {
    boolean crowded = addressCrowds.suspects(attempt);
    boolean shared = sharedKeys.suspects(attempt);
    if (humanGap.suspects(attempt)) {
      return Suspicion.NO_HUMAN_GAP;
    } else if (shared) {
      return Suspicion.SHARED_KEY;
    }
    return crowded ? Suspicion.CROWDED_ADDRESS : null;
  }

  /** Null = the slow lane has room for it. */
  public @Nullable Refusal full(SlowLane lane, Attempt attempt) {
    long waitMs = lane.waitMs(attempt.nowMs());
    return waitMs == Rule.GO_ON ? null : busy(Step.SLOW_LANE, waitMs);
  }

  /** Null = its item's line has room. */
  public @Nullable Refusal full(ItemQueues queues, long item, long nowMs) {
    long waitMs = queues.waitMs(item, nowMs);
    return waitMs == Rule.GO_ON ? null : busy(Step.ITEM_QUEUE, waitMs);
  }

  /** Not all who hear it come back at the same moment. */
  public Refusal busy(Step step, long waitMs) {
    return new Refusal(step, waitMs + random.applyAsInt(BUSY_SPREAD_MS));
  }

  /** It has its place: from now on it counts. */
  public void passed(Attempt attempt) {
    cooldown.passed(attempt);
    userRate.passed(attempt);
    addressRate.passed(attempt);
    nodeRate.passed(attempt);
  }

  /** It never reached its owner after all, through no fault of its user. */
  public void notPassed(Bytes user, long item) {
    cooldown.forget(user, item);
  }

  /** The owner said that the user is blocked. */
  public void toldBlocked(Bytes user, long nowMs) {
    blocked.heard(user, nowMs);
  }

  /** An operator did. */
  public void unblocked(Bytes user) {
    blocked.forget(user);
  }

  /** Somebody heard {@code not_open}, from here or from the owner: the key will come again. */
  public void toldNotOpen(Bytes user, long item, Bytes key, long nowMs) {
    humanGap.toldNotOpen(user, item, key, nowMs);
  }
}
