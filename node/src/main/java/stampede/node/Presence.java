package stampede.node;

import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;
import io.vertx.core.Vertx;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node known to the others.
 *
 * <pre>
 *   a split heals ─► this node says again where it is and what it listens to
 *                        ─► a member that is slow learns only now that it was gone, and removes all of that
 *   … 3 s and 10 s after the last change of the membership: said once more
 * </pre>
 *
 * Every member that learns that another has gone removes what the cluster knows of it, its address
 * and its subscriptions; and only who was in the smaller half of a split says it again. So one that
 * is late leaves a node that is a member, lives, and hears nobody. Thread-safe.
 */
final class Presence implements MembershipListener, LifecycleListener {
  private static final Logger log = LoggerFactory.getLogger(Presence.class);
  private static final long[] SAY_AFTER_MS = {3_000, 10_000};

  private final HazelcastClusterManager manager;
  private final Vertx vertx;
  private final AtomicLong changes = new AtomicLong();

  private Presence(HazelcastClusterManager manager, Vertx vertx) {
    this.manager = manager;
    this.vertx = vertx;
  }

  /** From now on, as long as the node is a member. */
  static void keep(HazelcastClusterManager manager, Vertx vertx) {
    Presence presence = new Presence(manager, vertx);
    HazelcastInstance grid = manager.getHazelcastInstance();
    grid.getCluster().addMembershipListener(presence);
    grid.getLifecycleService().addLifecycleListener(presence);
  }

  @Override
  public void memberAdded(MembershipEvent event) {
    changed();
  }

  @Override
  public void memberRemoved(MembershipEvent event) {
    changed();
  }

  @Override
  public void stateChanged(LifecycleEvent event) {
    if (event.getState() == LifecycleState.MERGED) {
      changed();
    }
  }

  private void changed() {
    long change = changes.incrementAndGet();
    for (long afterMs : SAY_AFTER_MS) {
      vertx.setTimer(
          afterMs,
          fired -> {
            if (changes.get() == change) {
              say();
            }
          });
    }
  }

  /**
   * What the cluster manager does when a split has healed; what is known already stays as it is.
   */
  private void say() {
    vertx
        .<Void>executeBlocking(
            () -> {
              manager.stateChanged(new LifecycleEvent(LifecycleState.MERGED));
              return null;
            },
            false)
        .onFailure(e -> log.warn("this node could not say again where it is", e));
  }
}
