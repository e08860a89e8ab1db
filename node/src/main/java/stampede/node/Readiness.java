package stampede.node;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node asks for work, as its {@code /health/ready} tells a load balancer; it does from
 * the start. What makes a node un-ready for good, such as stopping, is said here; what comes and
 * goes is a health check of its own. Thread-safe.
 */
public final class Readiness {
  private volatile @Nullable String unreadyReason;

  public boolean isReady() {
    return unreadyReason == null;
  }

  /** One word such as {@code stopping}; null while ready. */
  public @Nullable String unreadyReason() {
    return unreadyReason;
  }

  /** No new work from now on; the first reason given stays. */
  public synchronized void unready(String reason) {
    Objects.requireNonNull(reason, "reason");
    if (unreadyReason == null) {
      unreadyReason = reason;
    }
  }
}
