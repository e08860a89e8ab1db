package stampede.edge.admission;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.protocol.EdgeLimit;

/**
 * Tells farms by the users behind one address, counted a minute at a time and about: a set of 8,192
 * bits an address, each user sets one, and how many are set says how many users there were, within
 * a few percent. Off unless an operator wants it: a carrier hides thousands of honest people behind
 * one address.
 */
final class AddressCrowds {
  static final long WINDOW_MS = 60_000;

  private static final int BITS = 8_192;

  private final LiveLimits limits;
  private final int addressesMax;

  /** Eldest first: it goes when there is no more room. */
  private final Map<Long, Crowd> crowds = new LinkedHashMap<>();

  private static final class Crowd {
    final long[] seen = new long[BITS / Long.SIZE];
    int bitsSet;
    long sinceMs;

    /** Of the window before. */
    double before;

    Crowd(long nowMs) {
      sinceMs = nowMs;
    }

    void turn(long nowMs) {
      long ageMs = nowMs - sinceMs;
      if (ageMs >= WINDOW_MS) {
        before = ageMs < 2 * WINDOW_MS ? users() : 0;
        Arrays.fill(seen, 0);
        bitsSet = 0;
        sinceMs = nowMs;
      }
    }

    void add(long hash) {
      int bit = (int) hash & (BITS - 1);
      long mask = 1L << bit;
      if ((seen[bit / Long.SIZE] & mask) == 0) {
        seen[bit / Long.SIZE] |= mask;
        bitsSet++;
      }
    }

    /** Linear counting. */
    double users() {
      int clear = Math.max(1, BITS - bitsSet);
      return BITS * Math.log((double) BITS / clear);
    }
  }

  AddressCrowds(LiveLimits limits, int addressesMax) {
    this.limits = limits;
    this.addressesMax = addressesMax;
  }

  boolean suspects(Attempt attempt) {
    long usersMax = limits.of(EdgeLimit.ADDRESS_USERS);
    if (usersMax == 0 || attempt.visitor().network() == 0) {
      return false;
    }
    Crowd crowd = crowd(attempt.visitor().network(), attempt.nowMs());
    crowd.turn(attempt.nowMs());
    crowd.add(attempt.user().hash64());
    return Math.max(crowd.users(), crowd.before) >= usersMax;
  }

  int size() {
    return crowds.size();
  }

  private Crowd crowd(long network, long nowMs) {
    @Nullable Crowd known = crowds.get(network);
    if (known != null) {
      return known;
    }
    if (crowds.size() >= addressesMax) {
      crowds.remove(crowds.keySet().iterator().next());
    }
    Crowd crowd = new Crowd(nowMs);
    crowds.put(network, crowd);
    return crowd;
  }
}
