package stampede.rig.chaos;

/**
 * A fault as the seed draws it; who is hit is known when it is due.
 *
 * @param atMs after the first shake
 * @param durationMs from the deed to its undoing; 0 if it takes what it takes
 * @param choice of the victim among those that are well, 0 to 1
 * @param strength of the deed, 0 to 1
 */
record PlannedFault(FaultKind kind, long atMs, long durationMs, double choice, double strength) {}
