package stampede.rig.chaos;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.Mark;
import stampede.standalone.EnvironmentFault;
import stampede.standalone.cluster.NodeRole;

/**
 * Does to a shop what was drawn. Faults overlap, within limits: at most {@value #AT_ONCE} at a
 * time, one for each victim, and one node of each role is always left alone. {@link #run} blocks
 * until the last fault is undone.
 */
final class Nemesis {
  private static final int AT_ONCE = 3;
  private static final long FREE_VICTIM_MS_MAX = 90_000;
  private static final long UNDO_MS_MAX = 180_000;
  private static final long START_AGAIN_MS_MAX = 90_000;
  private static final long GAP_MS_MAX = 60_000;
  private static final String SPARE_ROLE = "sale-";

  /** {@code -Dkinds=KILL_SALE,…}: no other faults, to look into one of them. */
  private static final List<String> WANTED =
      Stream.of(System.getProperty("kinds", "").split(",")).filter(k -> !k.isEmpty()).toList();

  private final Scene scene;
  private final ChaosShop shop;
  private final Set<String> busy = new HashSet<>();
  private final List<FaultDone> done = new ArrayList<>();
  private final List<String> troubles = new ArrayList<>();
  private final long beganNanos = System.nanoTime();

  /** Those that are there all the time. */
  private final List<String> sales;

  private @Nullable String spare;
  private int running;

  /** Of faults that may keep a node from ending in order: those that are open, all there were. */
  private int hindering;

  private int hindered;

  Nemesis(Scene scene) {
    this.scene = scene;
    this.shop = scene.shop();
    this.sales = shop.names(NodeRole.SALE);
  }

  /** Kinds that can be done to {@code shop}, and those that can't with the reason. */
  static List<FaultKind> possible(ChaosShop shop, Consumer<String> told) {
    List<FaultKind> kinds = new ArrayList<>();
    for (FaultKind kind : FaultKind.values()) {
      if (!WANTED.isEmpty() && !WANTED.contains(kind.name())) {
        continue;
      }
      if (kind.deed.needsNamespaces() && shop.net() == null) {
        told.accept("skipped: " + kind.text() + ": no network namespaces here");
      } else {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /** What was done, in the order it was undone in. */
  synchronized List<FaultDone> done() {
    return List.copyOf(done);
  }

  /** What could not be done or undone. */
  synchronized List<String> troubles() {
    return List.copyOf(troubles);
  }

  void run(List<PlannedFault> faults) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (PlannedFault fault : faults) {
      Pause.ms(fault.atMs() - elapsedMs());
      String victim = awaitVictim(fault);
      if (victim == null) {
        String what = fault.kind().text();
        scene
            .told()
            .accept("skipped: " + what + ": nobody was free for " + FREE_VICTIM_MS_MAX + " ms");
        continue;
      }
      all.add(
          CompletableFuture.runAsync(
              () -> perform(fault, victim), task -> new Thread(task, "fault").start()));
    }
    try {
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
          .get(UNDO_MS_MAX, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      trouble("not undone: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private long elapsedMs() {
    return (System.nanoTime() - beganNanos) / 1_000_000;
  }

  private @Nullable String awaitVictim(PlannedFault fault) {
    long deadline = System.nanoTime() + FREE_VICTIM_MS_MAX * 1_000_000;
    while (System.nanoTime() < deadline) {
      String victim = takeVictim(fault);
      if (victim != null) {
        return victim;
      }
      Pause.ms(100);
    }
    return null;
  }

  private synchronized @Nullable String takeVictim(PlannedFault fault) {
    if (running >= AT_ONCE) {
      return null;
    }
    List<String> free = new ArrayList<>(candidates(fault.kind()));
    free.removeIf(busy::contains);
    boolean lastOne = free.size() <= spared(fault.kind());
    if (lastOne) {
      return null;
    }
    if (fault.kind() == FaultKind.KILL_SALE) {
      preferOwners(free);
    }
    String victim = free.get((int) (fault.choice() * free.size()));
    if (fault.kind().deed == FaultKind.Deed.ROLL) {
      victim = "all";
      if (busy.stream().anyMatch(name -> name.startsWith(SPARE_ROLE))) {
        return null;
      }
      busy.addAll(free);
    }
    busy.add(victim);
    running++;
    if (hinders(fault.kind())) {
      hindering++;
      hindered++;
    }
    return victim;
  }

  private void preferOwners(List<String> free) {
    if (free.stream().anyMatch(sale -> !scene.plentyOwnedBy(sale).isEmpty())) {
      free.removeIf(sale -> scene.plentyOwnedBy(sale).isEmpty());
    }
  }

  private static int spared(FaultKind kind) {
    return kind.target.isStore() || kind == FaultKind.SCALE_SALES ? 0 : 1;
  }

  /**
   * Whether a sale node that is told to end may have to wait for what is hit: not for an edge or a
   * drainer that died, which is told by its connections.
   */
  private static boolean hinders(FaultKind kind) {
    return switch (kind.deed) {
      case ROLL, SCALE -> false;
      case KILL -> kind.target.isStore() || kind.target == FaultKind.Target.SALE;
      default -> true;
    };
  }

  private List<String> candidates(FaultKind kind) {
    if (kind.deed == FaultKind.Deed.SCALE) {
      return List.of("one more");
    }
    return switch (kind.target) {
      case EDGE -> shop.names(NodeRole.EDGE);
      case PERSIST -> shop.names(NodeRole.PERSIST);
      case REDIS -> List.of("redis");
      case MYSQL -> List.of("mysql");
      case SALE -> sales;
    };
  }

  private void perform(PlannedFault fault, String victim) {
    String subject = fault.kind().text() + " " + victim;
    long atMs = elapsedMs();
    CompletableFuture<Long> gap = new CompletableFuture<>();
    try {
      scene.history().mark(Mark.Kind.FAULT, subject);
      scene
          .told()
          .accept("%7.1f s  %s for %d ms".formatted(atMs / 1e3, subject, fault.durationMs()));
      act(fault, victim, gap);
    } catch (RuntimeException e) {
      trouble(subject + ": " + e);
    } finally {
      scene.history().mark(Mark.Kind.HEALED, subject);
      release(fault, victim);
    }
    long lastedMs = elapsedMs() - atMs;
    scene.told().accept("%7.1f s  healed: %s".formatted(elapsedMs() / 1e3, subject));
    long gapMs = fault.kind() == FaultKind.KILL_SALE ? gapOf(gap, subject) : -1;
    synchronized (this) {
      done.add(new FaultDone(fault.kind(), victim, atMs, lastedMs, gapMs));
    }
  }

  private long gapOf(CompletableFuture<Long> gap, String subject) {
    try {
      return gap.orTimeout(GAP_MS_MAX, TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      trouble(subject + ": its items were not answered for within " + GAP_MS_MAX + " ms");
      return GAP_MS_MAX;
    }
  }

  private synchronized void release(PlannedFault fault, String victim) {
    running--;
    hindering -= hinders(fault.kind()) ? 1 : 0;
    busy.remove(victim);
    if (fault.kind().deed == FaultKind.Deed.ROLL) {
      busy.removeIf(name -> name.startsWith(SPARE_ROLE));
    }
  }

  private void act(PlannedFault fault, String victim, CompletableFuture<Long> gap) {
    switch (fault.kind().deed) {
      case KILL -> {
        Set<String> items = scene.plentyOwnedBy(victim);
        shop.cluster().kill9(victim);
        if (items.isEmpty()) {
          gap.complete(-1L); // it sold nothing that the crowd would miss
        } else {
          scene.selling().gapMs(items).thenAccept(gap::complete);
        }
        Pause.ms(fault.durationMs());
        startAgain(victim);
      }
      case FREEZE -> {
        shop.cluster().stop(victim);
        Pause.ms(fault.durationMs());
        shop.cluster().cont(victim);
      }
      case ISOLATE -> cut(shop.others(victim), victim, true, true, fault.durationMs());
      case MUTE -> cut(shop.others(victim), victim, false, true, fault.durationMs());
      case DEAFEN -> cut(shop.others(victim), victim, true, false, fault.durationMs());
      case PART -> cut(List.of(oneSale(fault)), victim, true, true, fault.durationMs());
      case CUT_STORE -> {
        boolean toStore = fault.strength() < 0.7;
        shop.journalOf(victim).cut(toStore, fault.strength() > 0.4);
        Pause.ms(fault.durationMs());
        shop.journalOf(victim).heal();
      }
      case SLOW_STORE -> {
        shop.journalOf(victim).slow(20 + (long) (fault.strength() * 180));
        Pause.ms(fault.durationMs());
        shop.journalOf(victim).heal();
      }
      case ROLL -> roll();
      case SCALE -> scale(fault.durationMs());
    }
  }

  private String oneSale(PlannedFault fault) {
    return sales.get((int) (fault.strength() * sales.size()));
  }

  private void cut(
      java.util.Collection<String> others,
      String node,
      boolean toNode,
      boolean fromNode,
      long durationMs) {
    Namespaces net = shop.net();
    if (net == null) {
      throw new AssertionError("drawn without namespaces");
    }
    try {
      for (String other : others) {
        if (toNode) {
          net.cut(other, node);
        }
        if (fromNode) {
          net.cut(node, other);
        }
      }
      Pause.ms(durationMs);
    } finally {
      for (String other : others) {
        net.heal(other, node);
        net.heal(node, other);
      }
    }
  }

  private void roll() {
    for (String sale : sales) {
      end(sale);
      startAgain(sale);
    }
  }

  private void scale(long durationMs) {
    String node = spare;
    if (node == null) {
      node = shop.cluster().add(NodeRole.SALE).name();
      spare = node;
    } else {
      startAgain(node);
    }
    Pause.ms(durationMs);
    end(node);
  }

  /** SIGTERM: a node ends in order and within its grace, unless a fault was open meanwhile. */
  private void end(String node) {
    int before = calm();
    int exitCode = shop.cluster().terminate(node);
    if (exitCode != 0) {
      String what = node + " was told to end and exited with " + exitCode;
      if (before >= 0 && before == calm()) {
        trouble(what);
      } else {
        scene.told().accept("           " + what + ", beside another fault");
      }
    }
  }

  /** How many faults hindered nodes so far; −1 = one does now. */
  private synchronized int calm() {
    return hindering == 0 ? hindered : -1;
  }

  /** A node that meets a store that is away may give up: whoever runs it starts it once more. */
  private void startAgain(String victim) {
    long deadline = System.nanoTime() + START_AGAIN_MS_MAX * 1_000_000;
    for (int tries = 1; ; tries++) {
      try {
        shop.cluster().start(victim);
        return;
      } catch (EnvironmentFault e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        scene
            .told()
            .accept(
                "           " + victim + " did not start, try " + tries + ": " + e.getMessage());
        Pause.ms(500);
      }
    }
  }

  private synchronized void trouble(String what) {
    scene.told().accept("TROUBLE " + what);
    troubles.add(what);
  }
}
