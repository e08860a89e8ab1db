package stampede.edge.admission;

import stampede.protocol.Outcome;

/** Where a shake can be refused, in the order it is asked; the label of the figure. */
public enum Step {
  /** The node is being stopped. */
  STOPPING("stopping", Outcome.BUSY),
  /** The user has too many keys under way. */
  KEYS("keys", Outcome.BUSY),
  BLOCKED("blocked", Outcome.BLOCKED),
  WINDOW("window", Outcome.NOT_OPEN),
  PAUSED("paused", Outcome.PAUSED),
  /** Certainly so, and certainly not for one who has it. */
  SOLD_OUT("sold_out", Outcome.SOLD_OUT),
  COOLDOWN("cooldown", Outcome.THROTTLED),
  GATE("gate", Outcome.MISSED),
  USER_RATE("user_rate", Outcome.THROTTLED),
  ADDRESS_RATE("address_rate", Outcome.THROTTLED),
  NODE_RATE("node_rate", Outcome.THROTTLED),
  /** No place for another suspect. */
  SLOW_LANE("slow_lane", Outcome.BUSY),
  /** No place for another shake of this item, or none came free in time. */
  ITEM_QUEUE("item_queue", Outcome.BUSY);

  private final String text;
  private final Outcome outcome;

  Step(String text, Outcome outcome) {
    this.text = text;
    this.outcome = outcome;
  }

  public String text() {
    return text;
  }

  /** What the shopper hears, about this attempt. */
  public Outcome outcome() {
    return outcome;
  }
}
