package stampede.bench.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Lines over a logarithmic axis as an SVG that stands alone: its ground and its ink follow the
 * reader's colour scheme, so it reads on a dark page as on a light one.
 */
final class SvgPlot {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 380;
  private static final int LEFT = 74;
  private static final int RIGHT = 28;
  private static final int TOP = 78;
  private static final int BOTTOM = 58;
  private static final int LEGEND_Y = 52;
  private static final double LETTER = 6.6;
  private static final double FIGURE_HIGH = 20;
  private static final int STEPS_MAX = 6;
  private static final int COLOURS = 4;

  private static final String STYLE =
      """
      <style>
      .ground{fill:#ffffff}.grid{stroke:#d8dee4}.axis{stroke:#57606a}
      text{fill:#24292f;font:12px system-ui,sans-serif}.title{font-size:15px;font-weight:600}
      .c0{stroke:#0969da}.c1{stroke:#bc4c00}.c2{stroke:#1a7f37}.c3{stroke:#8250df}
      .d0{fill:#0969da}.d1{fill:#bc4c00}.d2{fill:#1a7f37}.d3{fill:#8250df}
      polyline,.key{fill:none;stroke-width:2}.beside{stroke-dasharray:5 4}
      @media (prefers-color-scheme:dark){
      .ground{fill:#0d1117}.grid{stroke:#30363d}.axis{stroke:#8b949e}text{fill:#e6edf3}
      .c0{stroke:#58a6ff}.c1{stroke:#f0883e}.c2{stroke:#3fb950}.c3{stroke:#bc8cff}
      .d0{fill:#58a6ff}.d1{fill:#f0883e}.d2{fill:#3fb950}.d3{fill:#bc8cff}}
      </style>
      """;

  private record Line(String name, double[] ys, boolean main) {}

  private final String title;
  private final String xName;
  private final String yName;
  private final long[] xs;
  private final List<Line> lines = new ArrayList<>();

  /**
   * @param xs ascending, above 0
   */
  SvgPlot(String title, String xName, String yName, long... xs) {
    this.title = title;
    this.xName = xName;
    this.yName = yName;
    this.xs = xs.clone();
  }

  /**
   * @param ys not below 0
   * @param main solid and with its figures; else dashed
   */
  SvgPlot line(String name, double[] ys, boolean main) {
    if (ys.length != xs.length) {
      throw new IllegalArgumentException(name + " has " + ys.length + " of " + xs.length);
    }
    lines.add(new Line(name, ys.clone(), main));
    return this;
  }

  String text() {
    StringBuilder out = new StringBuilder(6_000);
    out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" ");
    out.append(format("viewBox=\"0 0 %d %d\" width=\"%d\"", WIDTH, HEIGHT, WIDTH));
    out.append(format(" aria-label=\"%s\">\n", escaped(title))).append(STYLE);
    out.append(format("<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", WIDTH, HEIGHT));
    text(out, LEFT, 26, "start", "title", title);
    double step = step();
    double top = Math.ceil(largest() / step) * step;
    horizontals(out, step, top);
    verticals(out);
    for (int line = 0; line < lines.size(); line++) {
      line(out, line, top);
    }
    legend(out);
    text(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", "name", xName);
    out.append(format("<text transform=\"translate(18 %d) rotate(-90)\" ", (TOP + floor()) / 2));
    out.append("text-anchor=\"middle\">").append(escaped(yName)).append("</text>\n");
    return out.append("</svg>\n").toString();
  }

  private void horizontals(StringBuilder out, double step, double top) {
    for (int i = 0; i * step <= top * 1.000_001; i++) {
      double y = y(i * step, top);
      out.append(format("<line class=\"%s\" x1=\"%d\"", i == 0 ? "axis" : "grid", LEFT));
      out.append(format(" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", WIDTH - RIGHT, y, y));
      String decimals = step >= 1 ? "%.0f" : step >= 0.1 ? "%.1f" : "%.2f";
      text(out, LEFT - 8, y + 4, "end", "tick", format(decimals, i * step));
    }
  }

  private void verticals(StringBuilder out) {
    for (long x : xs) {
      out.append(format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\"", x(x), x(x)));
      out.append(format(" y1=\"%d\" y2=\"%d\"/>\n", TOP, floor()));
      text(out, x(x), floor() + 18, "middle", "tick", count(x));
    }
  }

  private void line(StringBuilder out, int index, double top) {
    Line line = lines.get(index);
    int colour = index % COLOURS;
    out.append(format("<polyline class=\"c%d%s\" points=\"", colour, line.main ? "" : " beside"));
    for (int i = 0; i < xs.length; i++) {
      out.append(format("%s%.1f,%.1f", i == 0 ? "" : " ", x(xs[i]), y(line.ys[i], top)));
    }
    out.append("\"/>\n");
    for (int i = 0; i < xs.length; i++) {
      double x = x(xs[i]);
      double y = y(line.ys[i], top);
      out.append(format("<circle class=\"d%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", colour, x, y));
      if (line.main) {
        double off = isCovered(line, i, top) ? 17 : -8;
        text(out, x, y + off, "middle", "figure", number(line.ys[i]));
      }
    }
  }

  /** Whether another point and its figure are where this one's figure would be. */
  private boolean isCovered(Line line, int point, double top) {
    double y = y(line.ys[point], top);
    return lines.stream()
        .filter(other -> other.main)
        .mapToDouble(other -> y - y(other.ys[point], top))
        .anyMatch(above -> above > 0 && above < FIGURE_HIGH);
  }

  private void legend(StringBuilder out) {
    double x = LEFT;
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      String dashed = line.main ? "" : " beside";
      out.append(format("<line class=\"key c%d%s\" x1=\"%.1f\"", i % COLOURS, dashed, x));
      out.append(
          format(" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", x + 22, LEGEND_Y - 4, LEGEND_Y - 4));
      text(out, x + 28, LEGEND_Y, "start", "name", line.name);
      x += 48 + LETTER * line.name.length();
    }
  }

  private static void text(
      StringBuilder out, double x, double y, String anchor, String kind, String text) {
    out.append(format("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\"", kind, x, y));
    out.append(format(" text-anchor=\"%s\">%s</text>\n", anchor, escaped(text)));
  }

  private double x(long value) {
    double first = Math.log(xs[0]);
    double range = Math.log(xs[xs.length - 1]) - first;
    double part = range == 0 ? 0.5 : (Math.log(value) - first) / range;
    return LEFT + 26 + part * (WIDTH - LEFT - RIGHT - 52);
  }

  private static double y(double value, double top) {
    return floor() - value / top * (floor() - TOP);
  }

  private static int floor() {
    return HEIGHT - BOTTOM;
  }

  private double largest() {
    double largest = 0;
    for (Line line : lines) {
      for (double y : line.ys) {
        largest = Math.max(largest, y);
      }
    }
    return largest == 0 ? 1 : largest * 1.08; // room for the figures
  }

  /** 1, 2 or 5 times a power of ten, so that there are at most {@value #STEPS_MAX}. */
  private double step() {
    double power = Math.pow(10, Math.floor(Math.log10(largest() / STEPS_MAX)));
    for (double step : new double[] {power, 2 * power, 5 * power}) {
      if (largest() / step <= STEPS_MAX) {
        return step;
      }
    }
    return 10 * power;
  }

  private static String number(double value) {
    return format(value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }

  private static String count(long value) {
    if (value >= 1_000_000 && value % 1_000_000 == 0) {
      return format("%,d million", value / 1_000_000);
    }
    return format("%,d", value);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
