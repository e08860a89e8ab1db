package stampede.standalone.crowd;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one key, as its user saw it.
 *
 * @param framesSent how often a shake with this key was sent; 0 if no socket could be had
 * @param orders the different order ids told for it; more than one is a fault of the shop
 * @param outcome the answer that counts: accepted if it was ever told, else the owner-made one with
 *     the latest position, else the last one about an attempt; null if there was none
 * @param ownerMade whether that answer is about the key and carries a position
 * @param position of that answer; 0 if it has none
 * @param open whether something is still unanswered after every question
 * @param contradicted whether the owner said no at a position where it had said yes before
 */
public record KeyHistory(
    String key,
    int quantity,
    int framesSent,
    List<String> orders,
    @Nullable String outcome,
    boolean ownerMade,
    long position,
    boolean open,
    boolean contradicted) {
  public boolean accepted() {
    return "accepted".equals(outcome);
  }
}
