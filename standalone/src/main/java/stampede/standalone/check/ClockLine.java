package stampede.standalone.check;

import static stampede.standalone.check.CheckLine.ok;
import static stampede.standalone.check.CheckLine.red;
import static stampede.standalone.check.CheckLine.warn;

/** How far another machine's clock is from this one's. */
final class ClockLine {
  static final long WARN_MS = 200;
  static final long RED_MS = 2_000;

  private ClockLine() {}

  /**
   * @param theirMs their reading, taken at some moment from {@code sentMs} to {@code gotMs} by this
   *     clock; epoch ms
   */
  static CheckLine of(String whose, long theirMs, long sentMs, long gotMs) {
    long offsetMs = theirMs - (sentMs + gotMs) / 2;
    long certainMs = Math.max(0, Math.abs(offsetMs) - (gotMs - sentMs) / 2 - 1);
    String name = "clock of " + whose;
    String found = offsetMs + " ms from this machine's, give or take " + (gotMs - sentMs + 1) / 2;
    String wanted = "at most " + WARN_MS + " ms";
    String fix = "run NTP (chrony) on both machines, slewing, not stepping";
    if (certainMs > RED_MS) {
      return red(name, found, wanted, fix);
    }
    return certainMs > WARN_MS ? warn(name, found, wanted, fix) : ok(name, found);
  }
}
