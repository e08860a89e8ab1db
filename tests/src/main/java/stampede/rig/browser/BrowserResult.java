package stampede.rig.browser;

import org.jspecify.annotations.Nullable;

/**
 * What one test in a browser found.
 *
 * @param failure why it failed, with the end of the log; null: it did not
 * @param skipped why it did not run; null: it did
 */
public record BrowserResult(
    String name, long millis, @Nullable String failure, @Nullable String skipped) {}
