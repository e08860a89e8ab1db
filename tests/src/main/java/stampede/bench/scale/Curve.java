package stampede.bench.scale;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.bench.Table;

/**
 * What a shake costs as one thing grows: lines of points, each the median of its samples, in CPU
 * microseconds. A line may have a floor: then its samples were taken in turns with the floor's, and
 * what is judged is how many times the floor it is.
 */
public final class Curve {
  /** No line may grow more over its range, unless the reason is known. */
  static final double GROWTH_MAX = 1.5;

  private final String name;
  private final String title;
  private final String axis;
  private final long[] xs;
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private final String[] notes;

  /** Samples by point. */
  private static final class Line {
    private final List<List<Double>> samples = new ArrayList<>();
    private final boolean judged;
    private final @Nullable Line floor;
    private final String floorName;
    private double growthMax = GROWTH_MAX;
    private String reason = "";

    Line(int points, boolean judged, @Nullable Line floor, String floorName) {
      this.judged = judged;
      this.floor = floor;
      this.floorName = floorName;
      for (int point = 0; point < points; point++) {
        samples.add(new ArrayList<>());
      }
    }

    double micros(int point) {
      return Table.median(samples.get(point));
    }

    double judged(int point) {
      return floor == null
          ? micros(point)
          : Table.medianRatio(samples.get(point), floor.samples.get(point));
    }
  }

  /**
   * @param name of its file
   * @param axis what grows
   * @param xs ascending
   */
  Curve(String name, String title, String axis, long... xs) {
    this.name = name;
    this.title = title;
    this.axis = axis;
    this.xs = xs.clone();
    this.notes = new String[xs.length];
    Arrays.fill(notes, "");
  }

  /** A line that is judged by itself. */
  Curve line(String line) {
    lines.put(line, new Line(xs.length, true, null, ""));
    return this;
  }

  /** A line that is only shown. */
  Curve shown(String line) {
    lines.put(line, new Line(xs.length, false, null, ""));
    return this;
  }

  /** A line that is judged against another one, sample by sample. */
  Curve line(String line, String floor) {
    lines.put(line, new Line(xs.length, true, of(floor), floor));
    return this;
  }

  /** It is known why this line grows more than others may, and how much at most. */
  Curve mayGrow(String line, double times, String reason) {
    of(line).growthMax = times;
    of(line).reason = reason;
    return this;
  }

  void add(String line, int point, double micros) {
    if (!(micros > 0)) {
      throw new IllegalArgumentException(line + " at " + xs[point] + " costs " + micros);
    }
    of(line).samples.get(point).add(micros);
  }

  /** What else is to be known of a point. */
  void note(int point, String note) {
    notes[point] = note;
  }

  public String name() {
    return name;
  }

  public String title() {
    return title;
  }

  public String axis() {
    return axis;
  }

  public int points() {
    return xs.length;
  }

  long x(int point) {
    return xs[point];
  }

  /** Each point once on the way up and once on the way down. */
  int[] upAndDown() {
    int[] way = new int[2 * xs.length];
    for (int i = 0; i < xs.length; i++) {
      way[i] = i;
      way[way.length - 1 - i] = i;
    }
    return way;
  }

  /** Names of the lines that are judged. */
  public List<String> judged() {
    return lines.keySet().stream().filter(line -> of(line).judged).toList();
  }

  /** Of a point of a line. */
  public double micros(String line, int point) {
    return of(line).micros(point);
  }

  /** From the first point to the last. */
  public String range(String line) {
    int last = xs.length - 1;
    return String.format(Locale.ROOT, "%s → %s µs", figure(line, 0), figure(line, last));
  }

  private String figure(String line, int point) {
    double micros = of(line).micros(point);
    return String.format(Locale.ROOT, micros < 10 ? "%.2f" : "%.1f", micros);
  }

  /** How many times a point is what any smaller one is, at most; 1 where nothing grows. */
  public double growth(String name) {
    Line line = of(name);
    double least = Double.MAX_VALUE;
    double growth = 1;
    for (int point = 0; point < xs.length; point++) {
      double judged = line.judged(point);
      least = Math.min(least, judged);
      growth = Math.max(growth, judged / least);
    }
    return growth;
  }

  public double growthMax(String line) {
    return of(line).growthMax;
  }

  /** Empty = it grows no more than others; else the reason is in it, or that one is missing. */
  public String verdict(String name) {
    Line line = of(name);
    double growth = growth(name);
    if (growth <= GROWTH_MAX) {
      return "";
    }
    String why =
        growth <= line.growthMax ? line.reason : "a reason is needed: profile it, write it here";
    return String.format(Locale.ROOT, "%s grows %.2f ×: %s", name, growth, why);
  }

  private Line of(String name) {
    Line line = lines.get(name);
    if (line == null) {
      throw new IllegalArgumentException("no line " + name + "; there are " + lines.keySet());
    }
    return line;
  }

  // ── what it looks like

  /** As Markdown. */
  public String text() {
    StringBuilder text = new StringBuilder("| ").append(axis);
    lines.forEach((line, its) -> text.append(" | ").append(line).append(", µs").append(head(its)));
    text.append(" | |\n|").append("---|".repeat(columns())).append('\n');
    for (int point = 0; point < xs.length; point++) {
      text.append("| ").append(Table.shortened(xs[point]));
      for (Map.Entry<String, Line> line : lines.entrySet()) {
        text.append(" | ").append(figure(line.getKey(), point));
        if (line.getValue().floor != null) {
          text.append(String.format(Locale.ROOT, " | %.2f ×", line.getValue().judged(point)));
        }
      }
      text.append(" | ").append(notes[point]).append(" |\n");
    }
    for (String line : judged()) {
      text.append(String.format(Locale.ROOT, "%n%s: growth %.2f ×", line, growth(line)));
      text.append(verdict(line).isEmpty() ? "" : "\n" + verdict(line));
    }
    return text.append('\n').toString();
  }

  private static String head(Line line) {
    return line.floor == null ? "" : " | of " + line.floorName;
  }

  private int columns() {
    int floors = (int) lines.values().stream().filter(line -> line.floor != null).count();
    return 2 + lines.size() + floors;
  }

  SvgPlot plot() {
    SvgPlot plot = new SvgPlot(title, axis, "CPU µs a shake", xs);
    lines.forEach(
        (line, its) -> {
          double[] micros = new double[xs.length];
          for (int point = 0; point < xs.length; point++) {
            micros[point] = its.micros(point);
          }
          plot.line(line, micros, its.judged);
        });
    return plot;
  }
}
