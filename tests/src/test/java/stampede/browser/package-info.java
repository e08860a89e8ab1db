/**
 * The pages in a real Chromium; the tests themselves are in {@code src/test/browser}, run by {@link
 * stampede.rig.browser}. Without a browser they are skipped, and say so.
 */
@NullMarked
package stampede.browser;

import org.jspecify.annotations.NullMarked;
