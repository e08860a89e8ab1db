package stampede.persist;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.SaleItem;

/**
 * A plan as a sheet: a line for each item, which names its session's values too; lines that name
 * the same ones are of one session. A line without any item values is a session without items.
 * Times are written with their offset, so a sheet means the same after it was written and read.
 * Pure.
 */
final class PlanCsv {
  static final int LINES_MAX = 1_000;
  static final int FAULTS_MAX = 100;

  static final List<String> SESSION_COLUMNS =
      List.of(
          "session",
          "label",
          "zone",
          "opensAt",
          "closesAt",
          "limitPerSession",
          "claimWithinSeconds");
  static final List<String> ITEM_COLUMNS =
      List.of(
          "title",
          "product",
          "price",
          "listPrice",
          "currency",
          "stock",
          "limitPerUser",
          "limitPerOrder",
          "payWithinSeconds",
          "cooldownMs",
          "gate",
          "releases");
  private static final Set<String> TEXTS = Set.of("title", "product", "currency");
  private static final Set<String> NEEDED = Set.of("session", "opensAt", "closesAt", "title");

  private PlanCsv() {}

  /** What is wrong with a line of the sheet; lines count from 1, the head is one. */
  record Fault(long line, String field, String problem) {
    static Fault of(long line, InvalidField fault) {
      String field = fault.field();
      String text = String.valueOf(fault.getMessage());
      String problem = text.startsWith(field + " ") ? text.substring(field.length() + 1) : text;
      return new Fault(line, field, problem);
    }

    JsonObject json() {
      return JsonObject.of("line", line, "field", field, "problem", problem);
    }
  }

  /** Nothing of the sheet was taken. */
  static final class Faulty extends RuntimeException {
    private final List<Fault> faults;

    Faulty(List<Fault> faults) {
      super(detail(faults), null, false, false);
      this.faults = List.copyOf(faults);
    }

    private static String detail(List<Fault> faults) {
      Fault first = faults.get(0);
      return "nothing was imported; %d wrong, the first in line %d: %s %s"
          .formatted(faults.size(), first.line, first.field, first.problem);
    }

    JsonArray lines() {
      JsonArray lines = new JsonArray();
      faults.stream().limit(FAULTS_MAX).forEach(fault -> lines.add(fault.json()));
      return lines;
    }
  }

  /** An item and where it stands; its session and id are still to come. */
  record Line(long line, Drafts.Item item) {}

  /** A session with its items, in the order of the sheet. */
  record Plan(Drafts.Session session, long line, List<Line> items) {}

  // ---- reading ---------------------------------------------------------------------------------

  /**
   * @throws Faulty with all that is wrong
   */
  static List<Plan> read(String csv) {
    List<NamedCsvRecord> records = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> reader =
        CsvReader.builder().detectBomHeader(false).ofNamedCsvRecord(withoutMark(csv))) {
      for (NamedCsvRecord each : reader) {
        records.add(each);
        if (records.size() > LINES_MAX) {
          throw one(each.getStartingLineNumber(), "csv", "has more than " + LINES_MAX + " lines");
        }
      }
    } catch (CsvParseException e) {
      long line = records.isEmpty() ? 1 : records.get(records.size() - 1).getStartingLineNumber();
      throw one(line, "csv", "can't be read from here on: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (records.isEmpty()) {
      throw one(1, "csv", "has no lines after its head");
    }
    requireHead(records.get(0).getHeader());
    return plans(records);
  }

  /** Spreadsheets put a mark of UTF-8 in front. */
  private static String withoutMark(String csv) {
    return csv.startsWith("\uFEFF") ? csv.substring(1) : csv;
  }

  private static Faulty one(long line, String field, String problem) {
    return new Faulty(List.of(new Fault(line, field, problem)));
  }

  private static void requireHead(List<String> head) {
    List<Fault> faults = new ArrayList<>();
    for (String name : head) {
      if (!SESSION_COLUMNS.contains(name) && !ITEM_COLUMNS.contains(name)) {
        faults.add(new Fault(1, name, "is no column; there are " + columns()));
      }
    }
    NEEDED.stream()
        .sorted()
        .filter(name -> !head.contains(name))
        .forEach(name -> faults.add(new Fault(1, name, "is missing in the head")));
    if (!faults.isEmpty()) {
      throw new Faulty(faults);
    }
  }

  private static String columns() {
    return String.join(", ", SESSION_COLUMNS) + ", " + String.join(", ", ITEM_COLUMNS);
  }

  private static List<Plan> plans(List<NamedCsvRecord> records) {
    Map<Drafts.Session, Plan> plans = new LinkedHashMap<>();
    List<Fault> faults = new ArrayList<>();
    for (NamedCsvRecord each : records) {
      long line = each.getStartingLineNumber();
      try {
        Drafts.Session session = session(each);
        Plan plan = plans.computeIfAbsent(session, s -> new Plan(s, line, new ArrayList<>()));
        Drafts.Item item = item(each, session);
        if (item != null) {
          plan.items.add(new Line(line, item));
        }
      } catch (InvalidField e) {
        faults.add(Fault.of(line, e));
      }
    }
    if (!faults.isEmpty()) {
      throw new Faulty(faults);
    }
    return List.copyOf(plans.values());
  }

  private static Drafts.Session session(NamedCsvRecord record) {
    JsonObject json = new JsonObject();
    json.put("title", cell(record, "session"));
    for (String name : List.of("label", "zone", "opensAt", "closesAt")) {
      json.put(name, cell(record, name));
    }
    for (String name : List.of("limitPerSession", "claimWithinSeconds")) {
      json.put(name, number(name, cell(record, name)));
    }
    try {
      return Drafts.Session.of(new Fields(json));
    } catch (InvalidField e) {
      String text = String.valueOf(e.getMessage());
      throw e.field().equals("title")
          ? new InvalidField("session", text.substring(Math.min(text.length(), 6)))
          : e;
    }
  }

  private static Drafts.@Nullable Item item(NamedCsvRecord record, Drafts.Session session) {
    JsonObject json = new JsonObject();
    boolean empty = true;
    for (String name : ITEM_COLUMNS) {
      String cell = cell(record, name);
      empty &= cell == null;
      json.put(
          name,
          TEXTS.contains(name)
              ? cell
              : name.equals("gate")
                  ? share(cell)
                  : name.equals("releases") ? releases(cell) : number(name, cell));
    }
    return empty ? null : Drafts.Item.of(1, new Fields(json), 1, session);
  }

  /** Null where nothing stands. */
  private static @Nullable String cell(NamedCsvRecord record, String name) {
    String cell = record.findField(name).orElse("").strip();
    return cell.isEmpty() ? null : cell;
  }

  private static @Nullable Long number(String field, @Nullable String cell) {
    if (cell == null) {
      return null;
    }
    if (!cell.matches("-?[0-9]{1,18}")) {
      throw new InvalidField(field, "must be a whole number, is " + cell);
    }
    return Long.valueOf(cell);
  }

  private static @Nullable Double share(@Nullable String cell) {
    if (cell == null) {
      return null;
    }
    if (!cell.matches("[0-9]{1,3}(\\.[0-9]{1,9})?")) {
      throw new InvalidField("gate", "must be a number from 0 to 1, is " + cell);
    }
    return Double.valueOf(cell);
  }

  /** {@code TIME UNITS; TIME UNITS}. */
  private static @Nullable JsonArray releases(@Nullable String cell) {
    if (cell == null) {
      return null;
    }
    JsonArray releases = new JsonArray();
    for (String each : cell.split(";")) {
      String[] parts = each.strip().split("\\s+");
      if (parts.length != 2) {
        throw new InvalidField(
            "releases", "must be like 2026-11-29T10:30 100; 2026-11-29T11:00 50, is " + cell);
      }
      releases.add(
          new JsonObject().put("at", parts[0]).put("units", number("releases.units", parts[1])));
    }
    return releases;
  }

  // ---- writing ---------------------------------------------------------------------------------

  static String write(List<Plan> plans) {
    StringWriter out = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out)) {
      List<String> head = new ArrayList<>(SESSION_COLUMNS);
      head.addAll(ITEM_COLUMNS);
      csv.writeRecord(head);
      for (Plan plan : plans) {
        if (plan.items.isEmpty()) {
          csv.writeRecord(row(plan.session, null));
        }
        plan.items.forEach(line -> csv.writeRecord(row(plan.session, line.item)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static List<String> row(Drafts.Session session, Drafts.@Nullable Item item) {
    ZoneId zone = session.zoneId();
    List<String> row = new ArrayList<>();
    row.add(session.title());
    row.add(session.label());
    row.add(session.zone());
    row.add(LocalTimes.text(session.opensAt(), zone));
    row.add(LocalTimes.text(session.closesAt(), zone));
    row.add(Integer.toString(session.limitPerSession()));
    row.add(Long.toString(session.claimWithinMs() / 1_000));
    if (item == null) {
      ITEM_COLUMNS.forEach(none -> row.add(""));
      return row;
    }
    SaleItem sale = item.sale();
    row.add(sale.title());
    row.add(item.product());
    row.add(Long.toString(sale.price()));
    row.add(Long.toString(sale.listPrice()));
    row.add(sale.currency());
    row.add(Long.toString(sale.stock()));
    row.add(Integer.toString(sale.limitPerUser()));
    row.add(Integer.toString(sale.limitPerOrder()));
    row.add(Long.toString(sale.payWithinMs() / 1_000));
    row.add(Long.toString(sale.cooldownMs()));
    row.add(
        BigDecimal.valueOf(sale.gate())
            .divide(BigDecimal.valueOf(Limits.GATE_OPEN))
            .stripTrailingZeros()
            .toPlainString());
    StringJoiner releases = new StringJoiner("; ");
    for (SaleItem.Release release : sale.releases()) {
      releases.add(LocalTimes.text(release.at(), zone) + " " + release.units());
    }
    row.add(releases.toString());
    return row;
  }
}
