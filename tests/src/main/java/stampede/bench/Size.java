package stampede.bench;

/**
 * How much of everything.
 *
 * @param jmhForks JVMs an engine figure is measured in; 0 = this one
 * @param jmhIterations of one second each, {@code jmhIterationMs} if tiny
 * @param winners of the large engine
 * @param drainRows in one round of the drain
 * @param rounds of everything that has a floor, each
 * @param connections of the crowd
 * @param roundMs of the crowd
 * @param outageMs MySQL is away
 * @param outageRate shakes a second meanwhile
 */
record Size(
    int jmhForks,
    int jmhIterations,
    int jmhIterationMs,
    int winners,
    int drainRows,
    int rounds,
    int connections,
    int roundMs,
    int outageMs,
    int outageRate) {
  static final Size FULL =
      new Size(1, 10, 1_000, 1_000_000, 60_000, 5, 1_000, 5_000, 60_000, 2_000);
  static final Size TINY = new Size(0, 1, 100, 2_000, 2_000, 1, 20, 500, 2_000, 500);
}
