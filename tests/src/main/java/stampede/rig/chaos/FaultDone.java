package stampede.rig.chaos;

/**
 * A fault that was done.
 *
 * @param gapMs until items of a killed owner were answered for again; −1 where that is not asked
 */
public record FaultDone(FaultKind kind, String victim, long atMs, long lastedMs, long gapMs) {}
