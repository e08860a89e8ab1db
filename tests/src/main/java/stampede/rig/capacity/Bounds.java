package stampede.rig.capacity;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import stampede.edge.admission.AdmissionLimits;
import stampede.edge.admission.ItemQueues;
import stampede.persist.drain.Chunk;
import stampede.protocol.Limits;
import stampede.sale.OwnerLimits;

/**
 * The product's own bounds, as they are in its classes and defaults.
 *
 * @param batchMax shakes in a message
 * @param queueMax shakes of an edge that wait for a partition
 * @param batchesMax messages of an edge at a partition
 * @param lineMax shakes of an item that wait on an edge
 * @param beyondLineMax shakes of an item that an edge has passed on
 * @param lineWaitMs the longest wait in that line
 * @param waitingMax messages of a partition whose replies wait for the journal
 * @param collectingMax events that wait for the append under way
 * @param entryMax events in an append
 * @param backlogMax events not yet in MySQL
 * @param chunkMax events in a transaction of the drain
 * @param socketsMax of an edge, by default
 */
record Bounds(
    int batchMax,
    int queueMax,
    int batchesMax,
    int lineMax,
    int beyondLineMax,
    long lineWaitMs,
    int waitingMax,
    int collectingMax,
    int entryMax,
    long backlogMax,
    int chunkMax,
    int socketsMax) {
  /** These are private to the classes of the same names; a test holds them against those. */
  static final long REQUEST_TIMEOUT_MS = 800;

  static final long LIFE_MS = 10_000;
  static final long HINT_EVERY_MS = 100;
  static final long ASK_EVERY_MS = 300;
  static final long OWNER_PENDING_MS = 1_000;
  static final long BACKOFF_MIN_MS = 50;
  static final long BACKOFF_MAX_MS = 400;
  static final long BUSY_RETRY_MS_MIN = 500;
  static final int BUSY_SPREAD_MS = 500;
  static final int PORTION = 1_000;
  static final int EDGES_MAX = 256;
  static final int LET_IN_A_TURN = 16;
  static final long TURN_MS = 2;

  static Bounds ofProduct() {
    Config edge = defaults("edge-defaults.conf");
    Config sale = defaults("sale-defaults.conf");
    return new Bounds(
        Limits.BATCH_COMMANDS_MAX,
        edge.getInt("queueMax"),
        edge.getInt("batchesInFlightMax"),
        edge.getInt("limits.itemQueueMax"),
        edge.getInt("limits.itemInFlightMax"),
        ItemQueues.WAIT_MS_MAX,
        OwnerLimits.DEFAULT.waitingMax(),
        OwnerLimits.DEFAULT.collectingMax(),
        Limits.ENTRY_EVENTS_MAX,
        sale.getLong("backlogMax"),
        Chunk.EVENTS_MAX,
        edge.getInt("socketsMax"));
  }

  private static Config defaults(String file) {
    return ConfigFactory.parseResources(AdmissionLimits.class.getClassLoader(), file);
  }
}
