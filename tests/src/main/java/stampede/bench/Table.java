package stampede.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import stampede.standalone.Tokens;

/** Figures as the README shows them: a line each, with what they are held against. */
public final class Table {
  private record Line(String what, String figure, String ratio, String aim, boolean reached) {}

  private final List<Line> lines = new ArrayList<>();

  /** At least so many a second. */
  void rate(String what, double found, double aim) {
    lines.add(
        new Line(what, shortened(found) + "/s", "", "≥ " + shortened(aim) + "/s", found >= aim));
  }

  /**
   * A figure and its floor, measured in turns; {@code aim} is the ratio. What counts is the median
   * of the rounds' ratios: a round's two parts met about the same machine.
   */
  void ratio(String what, List<Double> found, String floorName, List<Double> floor, double aim) {
    double ratio = medianRatio(found, floor);
    String of = of(ratio, floorName, floor);
    lines.add(
        new Line(what, shortened(median(found)) + "/s", of, "≥ " + percent(aim), ratio >= aim));
  }

  /** The same without an aim. */
  void ratio(String what, List<Double> found, String floorName, List<Double> floor) {
    String of = of(medianRatio(found, floor), floorName, floor);
    lines.add(new Line(what, shortened(median(found)) + "/s", of, "", true));
  }

  public static double medianRatio(List<Double> found, List<Double> floor) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      ratios.add(found.get(i) / floor.get(i));
    }
    return median(ratios);
  }

  private static String of(double ratio, String floorName, List<Double> floor) {
    return percent(ratio) + " of " + floorName + " (" + shortened(median(floor)) + "/s)";
  }

  /**
   * At most so much.
   *
   * @param unit behind both numbers; empty = whole numbers of what is counted
   */
  void atMost(String what, double found, String unit, String where, double aim) {
    String format = (unit.isEmpty() ? "%.0f" : "%.1f") + "%s";
    String figure = String.format(Locale.ROOT, format, found, unit);
    String wanted = String.format(Locale.ROOT, "≤ %.0f%s", aim, unit);
    lines.add(new Line(what, figure, where, wanted, found <= aim));
  }

  /** At most so many times what it is held against. */
  void atMostTimes(String what, String found, double times, String against, double aimTimes) {
    String of = String.format(Locale.ROOT, "%.2f × %s", times, against);
    String aim = String.format(Locale.ROOT, "≤ %.2f ×", aimTimes);
    lines.add(new Line(what, found, of, aim, times <= aimTimes));
  }

  /** At least so many times what it is held against: the median of the rounds' ratios. */
  void atLeastTimes(
      String what, List<Double> found, String against, List<Double> floor, double aimTimes) {
    double times = medianRatio(found, floor);
    String aim = String.format(Locale.ROOT, "≥ %.2f ×", aimTimes);
    String of = times(times, against, floor);
    lines.add(new Line(what, spread(found), of, aim, times >= aimTimes));
  }

  /** The same without an aim. */
  void times(String what, List<Double> found, String against, List<Double> floor) {
    String of = times(medianRatio(found, floor), against, floor);
    lines.add(new Line(what, spread(found), of, "", true));
  }

  private static String times(double times, String against, List<Double> floor) {
    return String.format(Locale.ROOT, "%.2f × %s (%s)", times, against, spread(floor));
  }

  /** The middle one, the least and the most. */
  static String spread(List<Double> values) {
    return shortened(median(values)) + range(values, Table::shortened);
  }

  /** The same in milliseconds. */
  static String spreadMs(List<Double> values) {
    DoubleFunction<String> tenths = ms -> String.format(Locale.ROOT, "%.1f", ms);
    return tenths.apply(median(values)) + range(values, tenths) + " ms";
  }

  private static String range(List<Double> values, DoubleFunction<String> format) {
    return " ["
        + format.apply(Collections.min(values))
        + "–"
        + format.apply(Collections.max(values))
        + "]";
  }

  /** At least this part of what it is held against. */
  void atLeast(String what, String found, double part, String against, double aimPart) {
    String of = String.format(Locale.ROOT, "%.1f %% of %s", part * 100, against);
    lines.add(new Line(what, found, of, "≥ " + percent(aimPart), part >= aimPart));
  }

  /** A figure without an aim. */
  void note(String what, String figure) {
    lines.add(new Line(what, figure, "", "", true));
  }

  /** How many aims there are, and which of them were not reached. */
  String verdict() {
    List<String> missed = missed();
    long aims = lines.stream().filter(line -> !line.aim.isEmpty()).count();
    String count = aims + " aims, " + missed.size() + " missed";
    return missed.isEmpty() ? count : count + ": " + String.join("; ", missed);
  }

  /** What was held against an aim and did not reach it. */
  List<String> missed() {
    return lines.stream().filter(line -> !line.reached).map(Line::what).toList();
  }

  /** As Markdown, with the machine it was measured on. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("| what | figure | against | aim | |\n|---|---|---|---|---|\n");
    for (Line line : lines) {
      String mark = line.aim.isEmpty() ? "" : line.reached ? "reached" : "MISSED";
      text.append("| ").append(line.what).append(" | ").append(line.figure);
      text.append(" | ").append(line.ratio).append(" | ").append(line.aim);
      text.append(" | ").append(mark).append(" |\n");
    }
    return text.append('\n').append(machine()).append('\n').toString();
  }

  /** The middle one; of two middle ones the mean. */
  public static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static String machine() {
    String stampede = Tokens.class.getPackage().getImplementationVersion();
    return String.join(
        ", ",
        cpu(),
        Runtime.getRuntime().availableProcessors() + " cores",
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        "Java " + System.getProperty("java.version"),
        "heap " + Runtime.getRuntime().maxMemory() / (1 << 20) + " MB",
        "stampede " + (stampede == null ? "from its sources" : stampede));
  }

  private static String cpu() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      return System.getProperty("os.arch"); // not Linux
    }
    return System.getProperty("os.arch");
  }

  public static String shortened(double value) {
    if (value >= 1e6) {
      return String.format(Locale.ROOT, "%.2f million", value / 1e6);
    }
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String percent(double ratio) {
    return Math.round(ratio * 100) + " %";
  }
}
