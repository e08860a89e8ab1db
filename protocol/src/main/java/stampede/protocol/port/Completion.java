package stampede.protocol.port;

import org.jspecify.annotations.Nullable;

/**
 * Called exactly once, on the caller's event loop: with a result, or with a failure, never with
 * both.
 *
 * <p>A plain callback and not a {@code CompletableFuture}: an exception thrown in one must reach
 * the event loop, not vanish in a future nobody looks at.
 */
@FunctionalInterface
public interface Completion<T> {
  void done(@Nullable T result, @Nullable Throwable failure);

  default void succeed(T result) {
    done(result, null);
  }

  default void fail(Throwable failure) {
    done(null, failure);
  }
}
