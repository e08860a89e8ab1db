package stampede.bench.scale;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import stampede.bench.BenchCluster;

/** Curves, one after the other, and their pictures. */
public final class ScaleBench {
  public static final List<String> CURVES = List.of("users", "stock", "sockets", "items", "nodes");

  private static final int SLACK = 10;

  private ScaleBench() {}

  /**
   * @param directory for the servers' files
   * @param names some of {@link #CURVES}
   * @param progress hears of every point, and the table of every curve
   */
  public static List<Curve> run(
      Path directory, ScaleSize size, List<String> names, Consumer<String> progress) {
    OwnerCurves owner = new OwnerCurves(size, progress);
    List<Curve> curves = new ArrayList<>();
    for (String name : names) {
      Curve curve =
          switch (name) {
            case "users" -> owner.users();
            case "stock" -> owner.stock();
            case "sockets" -> SocketsCurve.run(size, progress);
            case "items" -> ItemsCurve.run(directory, size, progress);
            case "nodes" -> nodes(directory, size, progress);
            default ->
                throw new IllegalArgumentException("found " + name + ", wanted some of " + CURVES);
          };
      curves.add(curve);
      progress.accept("\n" + curve.text());
    }
    return curves;
  }

  private static Curve nodes(Path directory, ScaleSize size, Consumer<String> progress) {
    int sales = (int) size.nodes()[size.nodes().length - 1];
    int socketsMax = size.connections() + SLACK;
    try (BenchCluster cluster = new BenchCluster(directory.resolve("cluster"), socketsMax, sales)) {
      return NodesCurve.run(cluster, size, progress);
    }
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
