package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import stampede.node.VertxBus;

/** All partitions of a node that ask at once, as after a take-over of all of them. */
final class CursorCrowd {
  static final int PARTITIONS = 16;

  private CursorCrowd() {}

  static List<CompletableFuture<Long>> askAll(Vertx vertx) {
    List<CompletableFuture<Long>> cursors = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      cursors.add(new CompletableFuture<>());
    }
    vertx.runOnContext(
        go -> {
          BusCursors asking = new BusCursors(new VertxBus(vertx));
          for (int p = 0; p < PARTITIONS; p++) {
            CompletableFuture<Long> cursor = cursors.get(p);
            asking.ask(
                p,
                (position, failure) -> {
                  if (position != null) {
                    cursor.complete(position);
                  } else {
                    cursor.completeExceptionally(failure);
                  }
                });
          }
        });
    return cursors;
  }

  /** That of partition p is 100 + p. */
  static void assertAllKnown(List<CompletableFuture<Long>> cursors) throws Exception {
    for (int p = 0; p < PARTITIONS; p++) {
      assertThat(cursors.get(p).get(10, TimeUnit.SECONDS)).isEqualTo(100 + p);
    }
  }
}
