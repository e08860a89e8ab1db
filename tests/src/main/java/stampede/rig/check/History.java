package stampede.rig.check;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes what clients see, a JSON object a line, to {@code history-NAME.jsonl}; and reads all such
 * files of a directory.
 *
 * <p>Any number of threads may write. Call {@code shakes}, {@code asks}, {@code pays}, {@code
 * cancels} <em>before</em> the bytes leave and {@code answered} <em>after</em> they came: the time
 * is taken inside, and a late stamp on an answer or an early one on a command can hide a mistake,
 * but never make one up. A line that cannot be written is an {@link UncheckedIOException}: a run
 * with holes in its history proves nothing.
 */
public final class History implements AutoCloseable {
  private static final String PREFIX = "history-";
  private static final String SUFFIX = ".jsonl";

  private final BufferedWriter out;

  private History(BufferedWriter out) {
    this.out = out;
  }

  /** A new file; one that is there is an error. */
  public static History open(Path directory, String name) {
    try {
      Files.createDirectories(directory);
      Path file = directory.resolve(PREFIX + name + SUFFIX);
      History history = new History(Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW));
      history.mark(Mark.Kind.BEGUN, name);
      return history;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new file with states that nobody showed while the run lasted. */
  public static void write(Path directory, String name, List<Sighting> sightings) {
    try (History history = open(directory, name)) {
      sightings.forEach(each -> history.write(each.toJson()));
    }
  }

  public void connected(String client, String user) {
    write(ClientEvent.connected(System.nanoTime(), client, user).toJson());
  }

  public void closed(String client, String user) {
    write(ClientEvent.closed(System.nanoTime(), client, user).toJson());
  }

  public void shakes(String client, String user, long item, String key, int quantity) {
    if (quantity < 1) {
      throw new IllegalArgumentException("quantity is " + quantity);
    }
    write(ClientEvent.asked(System.nanoTime(), client, user, item, key, quantity).toJson());
  }

  /** What became of a key: a {@code result} frame, or GET of the shake. */
  public void asks(String client, String user, long item, String key) {
    write(ClientEvent.asked(System.nanoTime(), client, user, item, key, 0).toJson());
  }

  public void pays(String client, long order, String payment) {
    write(ClientEvent.pays(System.nanoTime(), client, order, payment).toJson());
  }

  public void cancels(String client, String user, long order) {
    write(ClientEvent.cancels(System.nanoTime(), client, user, order).toJson());
  }

  /**
   * A frame came.
   *
   * @param frame its members; {@code pong} and {@code item} frames need not be recorded
   */
  public void answered(String client, String user, Map<String, ?> frame) {
    String type = frame.get("type") instanceof String text ? text : "";
    answered(client, user, type, frame);
  }

  /**
   * An answer over HTTP.
   *
   * @param what {@code outcome} for shakes (a problem's body has the same members), {@code pay},
   *     {@code cancel}
   * @param members of the body; for {@code pay} with {@code payment} put in by the caller
   */
  public void answered(String client, String user, String what, Map<String, ?> members) {
    write(ClientEvent.answer(System.nanoTime(), client, user, what, members).toJson());
  }

  /** What an owner said its state was. */
  public void sighted(String node, int partition, long epoch, long position, String stateHash) {
    write(new Sighting(System.nanoTime(), node, partition, epoch, position, stateHash).toJson());
  }

  /** Something the rig did or saw just now; everything up to here is in the file afterwards. */
  public void mark(Mark.Kind kind, String subject) {
    write(new Mark(System.nanoTime(), System.currentTimeMillis(), kind, subject).toJson());
    flush();
  }

  private void write(JsonLine line) {
    String text = line.toString();
    try {
      synchronized (this) {
        out.write(text);
        out.write('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * All histories of a directory in one. The last line of a file may be cut short: its writer was.
   *
   * @throws IllegalArgumentException naming file and line that cannot be read
   */
  public static Chronicle read(Path directory) throws IOException {
    List<ClientEvent> events = new ArrayList<>();
    List<Mark> marks = new ArrayList<>();
    List<Sighting> sightings = new ArrayList<>();
    Names names = new Names();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
      for (Path file : files) {
        read(file, line -> take(line, names, events, marks, sightings));
      }
    }
    return new Chronicle(events, marks, sightings);
  }

  private static void take(
      JsonLine line,
      Names names,
      List<ClientEvent> events,
      List<Mark> marks,
      List<Sighting> sightings) {
    String event = line.requiredText("event").toUpperCase(Locale.ROOT);
    if (event.equals("SIGHTING")) {
      sightings.add(Sighting.of(line));
      return;
    }
    for (ClientEvent.Kind kind : ClientEvent.Kind.values()) {
      if (kind.name().equals(event)) {
        events.add(ClientEvent.of(line, kind, names));
        return;
      }
    }
    for (Mark.Kind kind : Mark.Kind.values()) {
      if (kind.name().equals(event)) {
        marks.add(Mark.of(line, kind));
        return;
      }
    }
    throw new JsonLine.BadLine("event " + event + " does not exist");
  }

  /** Takes a parsed line. */
  interface Taker {
    void take(JsonLine line);
  }

  static void read(Path file, Taker taker) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(file)) {
      long number = 0;
      String line = in.readLine();
      while (line != null) {
        number++;
        String next = in.readLine();
        try {
          taker.take(JsonLine.parse(line));
        } catch (JsonLine.BadLine e) {
          boolean isCutShort = next == null && !line.endsWith("}");
          if (!isCutShort) {
            throw new IllegalArgumentException(
                file + ", line " + number + ": " + e.getMessage(), e);
          }
        }
        line = next;
      }
    }
  }
}
