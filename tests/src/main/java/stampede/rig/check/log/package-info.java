/**
 * The log as written, without the classes that wrote it: entries to events ({@code LogDecoder}),
 * what holds of any log ({@link stampede.rig.check.log.LogReader}), and the fold with the rules
 * that hold at every prefix ({@link stampede.rig.check.log.Books}). No I/O, one thread; positions
 * count from 1, times are epoch milliseconds.
 */
@NullMarked
package stampede.rig.check.log;

import org.jspecify.annotations.NullMarked;
