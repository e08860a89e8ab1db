/** The simulation as a test, and the proof that it finds bugs: some are planted, all are found. */
@org.jspecify.annotations.NullMarked
package stampede.sim;
