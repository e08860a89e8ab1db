package stampede.edge.page.view;

import java.util.List;
import stampede.protocol.ItemState;

/**
 * What a session is doing. Only draft and archived are kept; all else follows from what the owners
 * of its items say, which open and close them by their own time.
 */
public enum SessionState {
  DRAFT("draft"),
  /** Published, and not everything is ready yet. */
  SCHEDULED("scheduled"),
  /** Owners serve all its items and this edge has their pages: it only waits for its time. */
  WARM("warm"),
  OPEN("open"),
  /** What is open of it is paused. */
  PAUSED("paused"),
  ENDED("ended"),
  ARCHIVED("archived");

  private final String text;

  SessionState(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  /**
   * @param status as kept: draft, published or archived
   * @param items of those on sale
   * @param warm whether all is ready for them to open
   */
  public static SessionState of(String status, List<ItemState> items, boolean warm) {
    if (status.equals(DRAFT.text)) {
      return DRAFT;
    } else if (status.equals(ARCHIVED.text)) {
      return ARCHIVED;
    } else if (!items.isEmpty() && items.stream().allMatch(each -> each == ItemState.ENDED)) {
      return ENDED;
    }
    List<ItemState> begun =
        items.stream()
            .filter(each -> each != ItemState.ENDED && each != ItemState.SCHEDULED)
            .toList();
    if (!begun.isEmpty()) {
      return begun.stream().allMatch(each -> each == ItemState.PAUSED) ? PAUSED : OPEN;
    }
    return warm && !items.isEmpty() ? WARM : SCHEDULED;
  }
}
