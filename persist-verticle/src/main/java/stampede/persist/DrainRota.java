package stampede.persist;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.persist.drain.DrainLoop;
import stampede.persist.drain.DrainStatus.Mode;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/** Starts and rests this node's drains as the {@link DrainShare} says, twice a second. */
final class DrainRota {
  static final long CHECK_MS = 500;
  private static final Logger log = LoggerFactory.getLogger(DrainRota.class);

  private final DrainShare share;
  private final Timers timers;
  private final List<DrainLoop> drains;
  private Bus.@Nullable Registration registration;
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

  /** Listens to the others; the drains of other nodes' partitions rest from now on. */
  void start(Bus bus) {
    registration = bus.subscribe(Addresses.DRAIN_STATUS, this::heard);
    check();
  }

  /** The tables are there: the drains may start. */
  void ready() {
    ready = true;
    drains.forEach(this::assign);
  }

  /** Starts and rests nothing any more; the drains are left as they are. */
  void stop() {
    if (registration != null) {
      registration.cancel();
    }
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

  private void heard(byte[] message) {
    try {
      for (Object each : new JsonArray(Buffer.buffer(message))) {
        heard((JsonObject) each);
      }
    } catch (DecodeException | ClassCastException e) {
      log.warn("persist.bad-drain-status {}", e.toString());
    }
  }

  private void heard(JsonObject status) {
    Integer partition = status.getInteger("partition");
    String from = status.getString("node");
    boolean quiet = Mode.WAITING.text().equals(status.getString("status"));
    if (partition != null && partition >= 0 && partition < drains.size()) {
      if (from != null && !quiet) {
        share.heard(partition, from, timers.millis());
      }
    }
  }
}
