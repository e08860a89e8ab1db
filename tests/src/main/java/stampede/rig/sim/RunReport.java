package stampede.rig.sim;

/**
 * What one world was like.
 *
 * @param traceHash the same for the same seed
 * @param virtualMs that passed in it
 * @param tasks carried out
 * @param episodes faults that were planned and happened: crashes, pauses, cuts, bad spells
 * @param struck messages and database calls lost, doubled, late or refused during bad spells
 * @param events in its journals
 * @param cuts partitions whose log was cut after an archive
 * @param answers of owners to shoppers, operators and the payment side
 */
public record RunReport(
    long seed,
    long traceHash,
    long virtualMs,
    long tasks,
    int episodes,
    long struck,
    long events,
    int cuts,
    long answers) {}
