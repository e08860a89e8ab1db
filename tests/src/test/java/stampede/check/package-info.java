/**
 * The checker is checked: good runs in which it must find nothing, and bad ones, one for every way
 * of going wrong, in which it must find that and nothing else. Runs are made by hand ({@code
 * Tale}); one is a real sale.
 */
@NullMarked
package stampede.check;

import org.jspecify.annotations.NullMarked;
