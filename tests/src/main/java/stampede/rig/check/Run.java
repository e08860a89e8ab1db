package stampede.rig.check;

import java.io.IOException;
import java.nio.file.Path;

/** All there is to know of a run: what was seen from outside, and what is in the stores. */
public record Run(Chronicle seen, Dump stores) {

  /**
   * A saved run.
   *
   * @throws IllegalArgumentException naming the line that cannot be read
   */
  public static Run read(Path directory) throws IOException {
    return new Run(History.read(directory), Dump.read(directory));
  }
}
