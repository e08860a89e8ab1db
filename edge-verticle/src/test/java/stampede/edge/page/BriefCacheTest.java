package stampede.edge.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.edge.Owners;
import stampede.protocol.port.Timers;

class BriefCacheTest {
  private final Clock clock = new Clock();
  private final List<String> fetched = new ArrayList<>();
  private final Deque<Promise<String>> underWay = new ArrayDeque<>();
  private final BriefCache<String, String> cache =
      new BriefCache<>(
          clock,
          3,
          2,
          1_000,
          5_000,
          key -> {
            fetched.add(key);
            Promise<String> promise = Promise.promise();
            underWay.add(promise);
            return promise.future();
          });

  @Test
  void manyReadersShareOneFetch() {
    Future<BriefCache.Aged<String>> first = cache.get("a");
    Future<BriefCache.Aged<String>> second = cache.get("a");

    underWay.remove().complete("v");

    assertThat(fetched).containsExactly("a");
    assertThat(first.result().value()).isEqualTo("v");
    assertThat(second.result().value()).isEqualTo("v");
  }

  @Test
  void fetchesAgainWhenNoLongerFresh() {
    cache.get("a");
    underWay.remove().complete("old");

    clock.nowMs += 999;
    assertThat(cache.get("a").result()).isEqualTo(new BriefCache.Aged<>("old", 999));
    clock.nowMs += 1;
    Future<BriefCache.Aged<String>> again = cache.get("a");
    underWay.remove().complete("new");

    assertThat(again.result()).isEqualTo(new BriefCache.Aged<>("new", 0));
  }

  @Test
  void givesTheOldValueForAWhileWhenAFetchFails() {
    cache.get("a");
    underWay.remove().complete("old");

    clock.nowMs += 4_000;
    Future<BriefCache.Aged<String>> stale = cache.get("a");
    underWay.remove().fail("away");
    clock.nowMs += 1_000;
    Future<BriefCache.Aged<String>> gone = cache.get("a");
    underWay.remove().fail("away");

    assertThat(stale.result()).isEqualTo(new BriefCache.Aged<>("old", 4_000));
    assertThat(gone.cause()).hasMessage("away");
  }

  @Test
  void isBoundedInEntriesAndFetches() {
    cache.get("a");
    cache.get("b");
    assertThat(cache.get("c").cause()).isInstanceOf(Owners.Busy.class);

    underWay.forEach(promise -> promise.complete("v"));
    underWay.clear();
    for (String key : List.of("d", "e", "f", "g")) {
      cache.get(key);
      underWay.remove().complete("v");
    }

    assertThat(cache.size()).isEqualTo(3);
  }

  private static final class Clock implements Timers {
    private long nowMs = 1_000_000;

    @Override
    public long nanos() {
      return nowMs * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      throw new AssertionError("a cache sets no timers");
    }
  }
}
