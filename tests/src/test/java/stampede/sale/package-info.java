/** Owners of a partition in a virtual world: one thread, virtual time, a store with faults. */
@NullMarked
package stampede.sale;

import org.jspecify.annotations.NullMarked;
