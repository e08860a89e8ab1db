package stampede.rig.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the sale nodes' logs say of partitions that went from one to another, step by step. */
final class HandOverLog {
  private static final Pattern GIVEN_UP =
      Pattern.compile("(\\S+) .* partition (\\d+) is given up, epoch (\\d+)(?: to (\\S+))?: (.*)");
  private static final Pattern SERVED =
      Pattern.compile(
          "(\\S+) .* partition (\\d+) is served, epoch (\\d+) from position \\d+: (.*)");
  private static final Pattern STEP = Pattern.compile("([a-z ]+) ([0-9.]+)");

  /**
   * A partition that changed hands.
   *
   * @param servedAtMs epoch ms
   * @param gapMs from the last moment at which the one before took commands to serving
   */
  record HandOver(
      int partition, String from, String to, long servedAtMs, double gapMs, String steps) {
    String text() {
      return "partition %d, %s to %s: %.0f ms (%s)".formatted(partition, from, to, gapMs, steps);
    }

    /** Whether what was asked and answered then may have waited for it. */
    boolean isWithin(long askedAtMs, long answeredAtMs) {
      return servedAtMs <= answeredAtMs + 100 && servedAtMs >= askedAtMs - 100;
    }
  }

  private record GivenUp(String by, long atMs, String steps) {}

  private final Map<String, Path> logs;

  /**
   * @param logs of the sale nodes, by their names
   */
  HandOverLog(Map<String, Path> logs) {
    this.logs = Map.copyOf(logs);
  }

  /** All so far; a partition that came from a node that died is not among them. */
  List<HandOver> read() {
    Map<String, GivenUp> givenUp = new HashMap<>();
    logs.forEach((node, log) -> lines(log).forEach(line -> giveUp(node, line, givenUp)));
    List<HandOver> all = new ArrayList<>();
    logs.forEach(
        (node, log) -> lines(log).forEach(line -> served(node, line, givenUp).ifPresent(all::add)));
    return all;
  }

  private static List<String> lines(Path log) {
    try {
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void giveUp(String node, String line, Map<String, GivenUp> givenUp) {
    Matcher said = GIVEN_UP.matcher(line);
    if (said.matches()) {
      String which = said.group(2) + "/" + said.group(3);
      givenUp.put(which, new GivenUp(node, millis(said.group(1)), said.group(5)));
    }
  }

  private static Optional<HandOver> served(String node, String line, Map<String, GivenUp> givenUp) {
    Matcher said = SERVED.matcher(line);
    if (!said.matches()) {
      return Optional.empty();
    }
    GivenUp before = givenUp.get(said.group(2) + "/" + (Long.parseLong(said.group(3)) - 1));
    if (before == null) {
      return Optional.empty();
    }
    long atMs = millis(said.group(1));
    double gapMs = atMs - before.atMs + sum(before.steps);
    String steps = before.steps + "; " + said.group(4);
    int partition = Integer.parseInt(said.group(2));
    return Optional.of(new HandOver(partition, before.by, node, atMs, gapMs, steps));
  }

  private static double sum(String steps) {
    double sum = 0;
    for (Matcher step = STEP.matcher(steps); step.find(); ) {
      sum += Double.parseDouble(step.group(2));
    }
    return sum;
  }

  private static long millis(String time) {
    return Instant.parse(time).toEpochMilli();
  }
}
