package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.OrderNews;

class NewsQueueTest {
  private final VirtualTimers timers = new VirtualTimers();
  private final List<Long> told = new ArrayList<>();
  private final NewsQueue news = new NewsQueue(timers, change -> told.add(change.order()));

  @Test
  void fewAreToldAtOnce() {
    add(0, 3);

    assertThat(told).containsExactly(0L, 1L, 2L);
    assertThat(news.waiting()).isZero();
  }

  @Test
  void manyAreToldInTheirOrderAFewAtATime() {
    int many = 3 * NewsQueue.AT_ONCE + 1;

    add(0, many);

    assertThat(told).hasSize(NewsQueue.AT_ONCE);
    timers.advance(NewsQueue.PAUSE_MS);
    assertThat(told).hasSize(2 * NewsQueue.AT_ONCE);
    timers.advance(10 * NewsQueue.PAUSE_MS);
    assertThat(told).hasSize(many).isSorted();
    assertThat(news.waiting()).isZero();
  }

  @Test
  void whatDoesNotFitIsDroppedAndCounted() {
    add(0, NewsQueue.AT_ONCE + NewsQueue.WAITING_MAX + 2);

    assertThat(news.waiting()).isEqualTo(NewsQueue.WAITING_MAX);
    assertThat(news.dropped()).isEqualTo(2);
  }

  @Test
  void nothingIsToldAfterTheStop() {
    add(0, NewsQueue.AT_ONCE + 5);

    news.stop();
    timers.advance(100);

    assertThat(told).hasSize(NewsQueue.AT_ONCE);
  }

  private void add(long first, int count) {
    for (long order = first; order < first + count; order++) {
      news.add(new OrderNews.Change(order, 1, Bytes.of("u"), "released", 5));
    }
  }
}
