package stampede.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;

class NodeProcessTest {
  private static final int CHILDREN = 5;

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger stopped = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @RepeatedTest(10)
  void verticlesThatDeployedOthersStopOnceEach() throws Exception {
    vertx.deployVerticle(new Parent()).await(10, TimeUnit.SECONDS);

    NodeProcess.undeployAll(vertx).await(10, TimeUnit.SECONDS);

    assertThat(vertx.deploymentIDs()).isEmpty();
    assertThat(stopped.get()).isEqualTo(CHILDREN + 1);
  }

  private class Child extends VerticleBase {
    @Override
    public Future<?> stop() {
      return vertx.timer(5, TimeUnit.MILLISECONDS).onComplete(fired -> stopped.incrementAndGet());
    }
  }

  private final class Parent extends Child {
    @Override
    public Future<?> start() {
      return Future.all(
          IntStream.range(0, CHILDREN).mapToObj(i -> vertx.deployVerticle(new Child())).toList());
    }
  }
}
