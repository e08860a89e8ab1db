package stampede.persist;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.persist.drain.DrainLoop;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.port.Timers;

/** Starts and rests this node's drains as the {@link DrainShare} says, twice a second. */
final class DrainRota {
  static final long CHECK_MS = 500;
  private static final Logger log = LoggerFactory.getLogger(DrainRota.class);

  private final DrainShare share;
  private final Timers timers;
  private final List<DrainLoop> drains;
  private Timers.@Nullable Timer timer;
  private boolean ready;

  /**
   * @param drains of all partitions, in order
   */
  DrainRota(DrainShare share, Timers timers, List<DrainLoop> drains) {
    this.share = share;
    this.timers = timers;
    this.drains = List.copyOf(drains);
  }

  /** The drains of other nodes' partitions rest from now on. */
  void start() {
    check();
  }

  /** The tables are there: the drains may start. */
  void ready() {
    ready = true;
    drains.forEach(this::assign);
  }

  /** Starts and rests nothing any more; the drains are left as they are. */
  void stop() {
    if (timer != null) {
      timer.cancel();
    }
  }

  private void check() {
    timer =
        timers.after(CHECK_MS, this::check); // first: a failing look at the members ends nothing
    drains.forEach(this::assign);
  }

  private void assign(DrainLoop drain) {
    boolean resting = drain.status().mode() == Mode.RESTING;
    int partition = drain.status().partition();
    if (!share.isMine(partition, timers.millis())) {
      if (!resting) {
        log.info("drain.rests partition={}", partition);
        drain.stop(() -> {});
      }
    } else if (ready) {
      if (resting) {
        log.info("drain.taken partition={}", partition);
      }
      drain.start();
    }
  }

  /** What a node drains is not for others to drain, unless it waits for its stores. */
  void heard(DrainNews news) {
    for (DrainStatus status : news.drains()) {
      if (status.mode() != Mode.WAITING && status.partition() < drains.size()) {
        share.heard(status.partition(), news.node(), timers.millis());
      }
    }
  }
}
