package stampede.persist;

import java.util.ArrayList;
import java.util.List;
import stampede.node.Alarms;
import stampede.persist.drain.DrainLoop;
import stampede.protocol.Addresses;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * Tells everybody how far this node's drains are, those that rest apart: soon after a change, at
 * most four times a second, and every 400 ms anyway: operators are shown no lag a second old.
 */
final class DrainReport implements DrainLoop.Watcher {
  static final long GAP_MS = 250;
  static final long HEARTBEAT_MS = 400;

  private final String node;
  private final Bus bus;
  private final Timers timers;
  private final PersistVitals vitals;
  private final List<DrainLoop> drains = new ArrayList<>();
  private long publishedAtMs;
  private long dueAtMs = Long.MAX_VALUE;
  private boolean stopped;

  DrainReport(String node, Bus bus, Timers timers, PersistVitals vitals) {
    this.node = node;
    this.bus = bus;
    this.timers = timers;
    this.vitals = vitals;
    this.publishedAtMs = timers.millis() - HEARTBEAT_MS;
  }

  void start(List<DrainLoop> loops) {
    drains.addAll(loops);
    publishAt(timers.millis());
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void changed() {
    if (!drains.isEmpty()) {
      publishAt(publishedAtMs + GAP_MS);
    }
  }

  @Override
  public void halted(int partition, String code, String detail) {
    Alarms.ofProcess()
        .raise(
            "drain.halted", partition, "partition=" + partition + " code=" + code + " " + detail);
  }

  @Override
  public void drained(int events, int rows, long oldestMs) {
    vitals.drained(events, rows, oldestMs);
  }

  /** An earlier due time wins; the later timer finds itself overtaken. */
  private void publishAt(long atMs) {
    if (atMs < dueAtMs) {
      dueAtMs = atMs;
      timers.after(Math.max(0, atMs - timers.millis()), () -> due(atMs));
    }
  }

  private void due(long atMs) {
    if (stopped || dueAtMs != atMs) {
      return;
    }
    List<DrainStatus> all = new ArrayList<>(drains.size());
    for (DrainLoop drain : drains) {
      DrainStatus status = drain.status();
      if (status.mode() != Mode.RESTING) {
        all.add(status);
      }
    }
    if (!all.isEmpty()) {
      DrainNews news = new DrainNews(node, System.currentTimeMillis(), all);
      bus.publish(Addresses.DRAIN_STATUS, news.encode());
    }
    publishedAtMs = timers.millis();
    dueAtMs = Long.MAX_VALUE;
    publishAt(publishedAtMs + HEARTBEAT_MS);
  }
}
