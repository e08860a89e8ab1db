package stampede.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stampede.rig.sim.Mistake;
import stampede.rig.sim.RunReport;
import stampede.rig.sim.Simulation;
import stampede.rig.sim.World;

/**
 * Worlds by the thousand, and every one that ever failed. {@code -Dseeds=N}: that many fresh ones;
 * {@code -DfirstSeed=N}: beginning there; {@code -Dseed=N}: that one alone, with all that happens
 * in it.
 */
class SimulationTest {
  private static final long SEEDS_DEFAULT = 1_000;
  private static final int FAILURES_MAX = 10;
  private static final int THREADS = Math.min(2, Runtime.getRuntime().availableProcessors());
  private static final long A_SEED_MS_MAX = 2_000;

  @Test
  void freshWorldsAreAsTheyMustBe() throws InterruptedException {
    assumeTrue(Long.getLong("seed") == null, "one seed is replayed alone");
    long seeds = Long.getLong("seeds", SEEDS_DEFAULT);
    long first = Long.getLong("firstSeed", System.currentTimeMillis() << 20);

    Simulation simulation = new Simulation(THREADS, () -> Mistake.NONE, FAILURES_MAX);
    simulation.run(seeds, n -> first + n, seeds * A_SEED_MS_MAX);

    System.out.println("simulation from seed " + first + ": " + simulation.figures());
    assertThat(simulation.failures()).isEmpty();
    assertThat(simulation.worlds()).isEqualTo(seeds);
    assertThat(simulation.cuts()).isGreaterThan(seeds / 20);
  }

  @Test
  void worldsThatEverFailedAreAsTheyMustBe() throws IOException, InterruptedException {
    List<Long> seeds = failedSeeds();

    Simulation simulation = new Simulation(THREADS, () -> Mistake.NONE, FAILURES_MAX);
    simulation.run(seeds.size(), n -> seeds.get((int) n), seeds.size() * A_SEED_MS_MAX);

    assertThat(simulation.failures()).isEmpty();
    assertThat(simulation.worlds()).isEqualTo(seeds.size());
  }

  @Test
  void theSameSeedGivesTheSameWorld() {
    SplittableRandom seeds = new SplittableRandom(3);
    for (int i = 0; i < 10; i++) {
      long seed = seeds.nextLong();

      RunReport first = new World(seed, Mistake.NONE, null).run();
      RunReport again = new World(seed, Mistake.NONE, line -> {}).run();

      assertThat(again).isEqualTo(first);
      assertThat(first.virtualMs()).isGreaterThan(300_000);
    }
  }

  @Test
  void differentSeedsGiveDifferentWorlds() {
    RunReport one = new World(1, Mistake.NONE, null).run();
    RunReport other = new World(2, Mistake.NONE, null).run();

    assertThat(one.traceHash()).isNotEqualTo(other.traceHash());
  }

  @Test
  void replaysOneSeedWithItsTrace() {
    Long seed = Long.getLong("seed");
    assumeTrue(seed != null, "-Dseed=N replays a world");

    System.out.println(new World(seed, Mistake.NONE, System.out::println).run());
  }

  private static List<Long> failedSeeds() throws IOException {
    try (InputStream file = SimulationTest.class.getResourceAsStream("/failed-seeds.txt")) {
      assertThat(file).isNotNull();
      return new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .map(Long::parseLong)
          .toList();
    }
  }
}
