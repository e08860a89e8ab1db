package stampede.edge.page;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.ItemState;

/** What the pages of this edge show, for operators. On the edge's event loop. */
public interface ShopWindow {
  /** The catalogue was read: what is published will have its pages ahead of readers. */
  boolean isKnown();

  /**
   * As it is shown; null: it is not on sale.
   *
   * @param item as {@code persist.query} replies it
   */
  @Nullable ItemState state(JsonObject item);

  /** Owners serve all of these items, and their pages are made. */
  boolean isWarm(List<Long> items);
}
