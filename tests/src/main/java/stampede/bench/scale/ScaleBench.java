package stampede.bench.scale;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import stampede.bench.BenchCluster;

/** All curves, one after the other, and their pictures. */
public final class ScaleBench {
  private static final int SLACK = 10;

  private ScaleBench() {}

  /**
   * @param directory for the servers' files
   * @param progress hears of every point, and the table of every curve
   */
  public static List<Curve> run(Path directory, ScaleSize size, Consumer<String> progress) {
    List<Curve> curves = new ArrayList<>(alone(directory, size, progress));
    int sales = (int) size.nodes()[size.nodes().length - 1];
    int socketsMax = size.connections() + SLACK;
    try (BenchCluster cluster = new BenchCluster(directory.resolve("cluster"), socketsMax, sales)) {
      curves.add(NodesCurve.run(cluster, size, progress));
    }
    curves.forEach(curve -> progress.accept("\n" + curve.text()));
    return curves;
  }

  /** Those that need no cluster. */
  public static List<Curve> alone(Path directory, ScaleSize size, Consumer<String> progress) {
    OwnerCurves owner = new OwnerCurves(size, progress);
    return List.of(
        owner.users(),
        owner.stock(),
        SocketsCurve.run(size, progress),
        ItemsCurve.run(directory, size, progress));
  }

  /**
   * An SVG each, {@code <prefix><name>.svg}.
   *
   * @param into made when missing
   */
  public static void draw(List<Curve> curves, Path into, String prefix) {
    try {
      Files.createDirectories(into);
      for (Curve curve : curves) {
        Files.writeString(into.resolve(prefix + curve.name() + ".svg"), curve.plot().text());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
