package stampede.edge;

import io.vertx.core.json.JsonObject;
import stampede.edge.admission.Step;
import stampede.edge.admission.Suspicion;
import stampede.protocol.Outcome;

/**
 * What one edge counted since it started. Plain longs: belongs to the edge's event loop, so a
 * reading is exact at its moment.
 */
public final class Counters {
  private final long[] outcomes = new long[Outcome.values().length];
  private final long[] refusals = new long[Step.values().length];
  private final long[] suspects = new long[Suspicion.values().length];
  private final long[] devices = new long[2];
  private long shakes;
  private long sockets;
  private long socketsOpened;

  /** A shake came in, from a socket or over HTTP. */
  public void shake() {
    shakes++;
  }

  /** An outcome went out. */
  public void outcome(Outcome outcome) {
    outcomes[outcome.ordinal()]++;
  }

  /** A shake was refused here. */
  void refused(Step step) {
    refusals[step.ordinal()]++;
  }

  /** A shake was sent to the slow lane. */
  void heldBack(Suspicion why) {
    suspects[why.ordinal()]++;
  }

  /** A token for a device was asked for. */
  void device(boolean given) {
    devices[given ? 1 : 0]++;
  }

  long devices(boolean given) {
    return devices[given ? 1 : 0];
  }

  public void socketOpened() {
    sockets++;
    socketsOpened++;
  }

  public void socketClosed() {
    sockets--;
  }

  long shakes() {
    return shakes;
  }

  long outcomes(Outcome outcome) {
    return outcomes[outcome.ordinal()];
  }

  long refusals(Step step) {
    return refusals[step.ordinal()];
  }

  long suspects(Suspicion why) {
    return suspects[why.ordinal()];
  }

  /** Open now. */
  long sockets() {
    return sockets;
  }

  long socketsOpened() {
    return socketsOpened;
  }

  /**
   * {@code {"shakes","outcomes":{…},"refusals":{…by step…}}}: what only grows, as reports keep it.
   */
  JsonObject totals() {
    JsonObject bySteps = new JsonObject();
    for (Step step : Step.values()) {
      if (refusals(step) > 0) {
        bySteps.put(step.text(), refusals(step));
      }
    }
    return new JsonObject()
        .put("shakes", shakes)
        .put("socketsOpened", socketsOpened)
        .put("outcomes", snapshot().getJsonObject("outcomes"))
        .put("refusals", bySteps);
  }

  /**
   * {@code {"sockets","socketsOpened","shakes","outcomes":{"accepted":…}}}; kinds not yet met are
   * left out.
   */
  public JsonObject snapshot() {
    JsonObject byKind = new JsonObject();
    for (Outcome outcome : Outcome.values()) {
      long count = outcomes[outcome.ordinal()];
      if (count > 0) {
        byKind.put(outcome.text(), count);
      }
    }
    return new JsonObject()
        .put("sockets", sockets)
        .put("socketsOpened", socketsOpened)
        .put("shakes", shakes)
        .put("outcomes", byKind);
  }
}
