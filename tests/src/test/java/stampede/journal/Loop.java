package stampede.journal;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import stampede.protocol.port.Completion;

/** An event loop a test talks to from outside; every wait is bounded. */
final class Loop implements AutoCloseable {
  private static final long WAIT_MS_MAX = 20_000;

  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();

  /** Runs on the loop. */
  <T> T on(Supplier<T> task) {
    return result(done -> done.succeed(task.get()));
  }

  /** Makes the call on the loop; its result. */
  <T> T result(Consumer<Completion<T>> call) {
    try {
      return start(call).get(WAIT_MS_MAX, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("the call failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("the call did not end", e);
    }
  }

  /** Makes the call on the loop; its failure. */
  <T> Throwable failure(Consumer<Completion<T>> call) {
    return failureOf(start(call));
  }

  static Throwable failureOf(CompletableFuture<?> call) {
    try {
      Object result = call.get(WAIT_MS_MAX, TimeUnit.MILLISECONDS);
      throw new AssertionError("the call did not fail: " + result);
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("the call did not end", e);
    }
  }

  /** Makes the call on the loop and does not wait. */
  <T> CompletableFuture<T> start(Consumer<Completion<T>> call) {
    CompletableFuture<T> end = new CompletableFuture<>();
    context.runOnContext(
        v -> {
          try {
            call.accept(
                (result, failure) -> {
                  boolean first =
                      failure == null ? end.complete(result) : end.completeExceptionally(failure);
                  if (!first) {
                    throw new AssertionError("a call ended twice");
                  }
                });
          } catch (RuntimeException | AssertionError e) {
            end.completeExceptionally(e);
          }
        });
    return end;
  }

  @Override
  public void close() {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("Vert.x does not close", e);
    }
  }
}
