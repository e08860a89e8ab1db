/**
 * Pages in a real browser: Node.js runs {@code *.test.mjs} files that drive Chromium, and what they
 * found comes back as results.
 *
 * <pre>
 *   IT ──► BrowserSuite ──► node --test shopper.test.mjs ──► rig.mjs ──► Chromium ──► the shop under test
 *              │ finds          │ reporter.mjs
 *       BrowserPrograms         └──► results.jsonl ──► BrowserResult, one a test
 * </pre>
 *
 * <ul>
 *   <li>The sources are in {@code tests/src/test/browser}; they run from a copy in {@code
 *       tests/target/browser}, beside the packages of {@code package-lock.json}, which are fetched
 *       anew only when that file has changed.
 *   <li>A test file is one process and one Chromium. Everything in it has a bound; at the bound the
 *       process and all it started are ended by their ids.
 *   <li>Settings go in as environment variables: {@code CHROMIUM} and {@code SCREENSHOTS} (a
 *       directory to write pictures to, {@code tests/target/screenshots}) are always there.
 *   <li>A machine without the programs gets them from Debian's packages if this is root and there
 *       is {@code apt-get}; else {@link stampede.rig.browser.BrowserSuite.Missing} says why not.
 * </ul>
 */
@NullMarked
package stampede.rig.browser;

import org.jspecify.annotations.NullMarked;
