/**
 * What a crowd was told, held against what the books say.
 *
 * <pre>
 *   CrowdReport ─┐
 *                ├─ Verdict.compute (pure) → balanced | BROKEN | unchecked, as JSON and as text
 *   Books.Rows ──┘
 *     └ MySqlBooks reads them back from MySQL, once the drain is quiet
 * </pre>
 *
 * <p>{@code Verdict} and {@code Audit} are pure and run anywhere; {@code MySqlBooks} is
 * asynchronous.
 */
@NullMarked
package stampede.standalone.verdict;

import org.jspecify.annotations.NullMarked;
