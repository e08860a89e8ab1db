package stampede.persist.webhook;

import java.util.List;
import stampede.protocol.port.Completion;

/** Where the rows are. Every call ends within the store's own time-out. */
public interface Outbox {
  /** At most {@code max} rows of {@code partition} with a higher line, lowest first. */
  void read(int partition, long afterLine, int max, Completion<List<WebhookRow>> done);

  /**
   * Notes what failed, then deletes what was told; all or nothing. Rows that are gone already are
   * no mistake.
   */
  void write(List<WebhookRow> told, List<Failure> failures, Completion<Boolean> done);

  /**
   * An attempt that failed.
   *
   * @param attempts that count against the row
   * @param lastTryAt epoch ms
   * @param parked it was the last one
   */
  record Failure(
      WebhookRow row,
      int attempts,
      long firstTryAt,
      long lastTryAt,
      String error,
      boolean parked) {}
}
