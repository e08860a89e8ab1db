package stampede.edge.management;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.edge.page.ShopWindow;
import stampede.protocol.ItemState;

/** Shows what a test puts in. */
final class EmptyShop implements ShopWindow {
  final Map<String, ItemState> states = new HashMap<>();
  boolean warm;

  @Override
  public boolean isKnown() {
    return true;
  }

  @Override
  public @Nullable ItemState state(JsonObject item) {
    return states.get(item.getString("item"));
  }

  @Override
  public boolean isWarm(List<Long> items) {
    return warm;
  }
}
