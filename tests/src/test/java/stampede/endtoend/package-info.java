/**
 * The packaged jar as its users meet it: processes, ports, signals, bad input, operators.
 *
 * <p>Each test starts processes of its own on free ports and leaves none behind.
 */
@NullMarked
package stampede.endtoend;

import org.jspecify.annotations.NullMarked;
