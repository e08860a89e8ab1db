package stampede.rig.check.rule;

import java.util.Arrays;
import stampede.rig.check.ClientEvent;

/** What clients sent and heard of one key, summed up. Times are those of the clients' clock. */
final class KeyStory {
  static final long NEVER = Long.MAX_VALUE;

  private int[] quantities = {};
  int shakes;
  int attemptAnswers;
  long firstSentAt = NEVER;
  long firstMentionAt = NEVER;
  long lastShakeAt;
  long lastSentAt;
  long lastOwnerAnswerAt = Long.MIN_VALUE;
  long acceptedAt = NEVER;
  long acceptedOrder;

  void take(ClientEvent event) {
    if (event.kind() == ClientEvent.Kind.SENT) {
      sent(event);
    } else if (event.isByOwner() || event.isAccepted()) {
      lastOwnerAnswerAt = event.at();
      if (event.isAccepted() && acceptedAt == NEVER) {
        acceptedAt = event.at();
        acceptedOrder = event.order();
      }
    } else if (event.isAboutAttempt()) {
      attemptAnswers++;
    }
  }

  private void sent(ClientEvent event) {
    firstMentionAt = Math.min(firstMentionAt, event.at());
    lastSentAt = event.at();
    if (event.isSent("shake")) {
      shakes++;
      firstSentAt = Math.min(firstSentAt, event.at());
      lastShakeAt = event.at();
      if (!wasSent(event.quantity())) {
        quantities = Arrays.copyOf(quantities, quantities.length + 1);
        quantities[quantities.length - 1] = event.quantity();
      }
    }
  }

  boolean wasSent(int quantity) {
    for (int each : quantities) {
      if (each == quantity) {
        return true;
      }
    }
    return false;
  }

  /** 0 = never shaken. */
  int mostUnits() {
    return Arrays.stream(quantities).max().orElse(0);
  }

  boolean hasOneQuantity() {
    return quantities.length == 1;
  }

  /** None of its frames was passed on, so we were told. */
  boolean leavesNothing() {
    return shakes > 0 && attemptAnswers >= shakes;
  }

  /**
   * Somebody waits in vain: the last shake has no answer, and what became of the key was not told
   * afterwards either.
   */
  boolean isOpen() {
    boolean told = acceptedAt != NEVER || lastOwnerAnswerAt >= lastShakeAt;
    return shakes > 0 && !told && !leavesNothing();
  }
}
