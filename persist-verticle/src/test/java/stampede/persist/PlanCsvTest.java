package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.persist.PlanCsv.Faulty;
import stampede.persist.PlanCsv.Plan;
import stampede.protocol.SaleItem;

class PlanCsvTest {
  private static final String HEAD =
      "session,label,zone,opensAt,closesAt,limitPerSession,title,product,price,listPrice,currency,"
          + "stock,limitPerUser,limitPerOrder,payWithinSeconds,cooldownMs,gate,releases\n";
  private static final String TEN = "十点场,super,Asia/Shanghai,2026-11-29T10:00,2026-11-29T12:00,3,";

  @Test
  void linesThatNameTheSameSessionAreOne() {
    List<Plan> plans =
        PlanCsv.read(
            HEAD
                + TEN
                + "\"tea, \"\"green\"\"\",T-1,100,200,CNY,5,2,1,60,0,0.25,2026-11-29T10:30 7; 2026-11-29T11:00 8\n"
                + "Noon,,UTC,2026-11-29T12:00,2026-11-29T13:00,,cup,,5,,,9,,,,,,\n"
                + TEN
                + "pot,,300,,,1,,,,,,\n"
                + "Empty,,UTC,2026-11-29T12:00,2026-11-29T13:00,,,,,,,,,,,,,\n");

    assertThat(plans)
        .extracting(plan -> plan.session().title())
        .containsExactly("十点场", "Noon", "Empty");
    assertThat(plans).extracting(plan -> plan.items().size()).containsExactly(2, 1, 0);
    SaleItem tea = plans.get(0).items().get(0).item().sale();
    assertThat(tea.title()).isEqualTo("tea, \"green\"");
    assertThat(tea.gate()).isEqualTo(250_000);
    assertThat(tea.limitPerOrder()).isEqualTo(1);
    assertThat(tea.limitPerSession()).isEqualTo(3);
    assertThat(tea.releases())
        .containsExactly(
            new SaleItem.Release(tea.opensAt() + 1_800_000, 7),
            new SaleItem.Release(tea.opensAt() + 3_600_000, 8));
    assertThat(plans.get(0).items().get(0).item().product()).isEqualTo("T-1");
    assertThat(plans.get(1).items().get(0).item().sale().currency()).isEqualTo("CNY");
    assertThat(plans.get(1).session().label()).isEqualTo("single");
  }

  @Test
  void whatWasWrittenIsReadAsTheSamePlan() {
    List<Plan> plans =
        PlanCsv.read(
            HEAD
                + TEN
                + "\"a\nb \"\"c\"\" ;,\",T-1,100,200,CNY,0,2,1,60,5000,0.123456,2026-11-29T10:30 7\n"
                + "Nacht,bulk,Europe/Berlin,2026-10-25T02:30+02:00,2026-10-25T02:30+01:00,,"
                + "bier,B,1,,EUR,3,,,,,,2026-10-25T02:30+02:00 2\n"
                + "Empty,,UTC,2026-11-29T12:00:00.001,2026-11-29T13:00,,,,,,,,,,,,,\n");

    List<Plan> again = PlanCsv.read(PlanCsv.write(plans));

    assertThat(sessions(again)).isEqualTo(sessions(plans));
    assertThat(items(again)).isEqualTo(items(plans)).hasSize(2);
  }

  @Test
  void everyWrongLineIsNamedWithItsFieldAndNothingIsTaken() {
    Faulty faulty =
        faulty(
            HEAD
                + TEN
                + "tea,,100,200,CNY,5,,,,,,\n"
                + TEN
                + "\"two\nlines\",,100,99,CNY,5,,,,,,\n"
                + TEN
                + "pot,,1.5,,,1,,,,,,\n"
                + "Bad,single,Mars/Base,2026-11-29T10:00,2026-11-29T12:00,,x,,1,,,1,,,,,,\n"
                + "Bad,single,UTC,2026-11-29T12:00,2026-11-29T10:00,,x,,1,,,1,,,,,,\n"
                + "Bad,single,Europe/Berlin,2026-03-29T02:30,2026-03-29T12:00,,x,,1,,,1,,,,,,\n"
                + "Bad,huge,UTC,2026-03-29T02:30,2026-03-29T12:00,,x,,1,,,1,,,,,,\n"
                + TEN
                + "pot,,1,,,0,,,,,,\n"
                + TEN
                + "pot,,1,,,5,,,,,,soon 5\n"
                + ",,UTC,2026-11-29T10:00,2026-11-29T12:00,,x,,1,,,1,,,,,,\n");

    assertThat(faults(faulty))
        .containsExactly(
            "3 listPrice",
            "5 price",
            "6 zone",
            "7 closesAt",
            "8 opensAt",
            "9 label",
            "10 stock",
            "11 releases.at",
            "12 session");
    assertThat(faulty)
        .hasMessageStartingWith("nothing was imported; 9 wrong, the first in line 3:");
  }

  @Test
  void theHeadIsCheckedAsAWhole() {
    assertThat(faults(faulty("session,opensAt,colour\nx,1,red\n")))
        .containsExactly("1 colour", "1 closesAt", "1 title");
    assertThat(faults(faulty("session,session\na,b\n"))).containsExactly("1 csv");
    assertThat(faults(faulty("nonsense"))).containsExactly("1 csv");
    assertThat(faults(faulty(HEAD + "a,b\n"))).containsExactly("2 opensAt");
  }

  @Test
  void aSpreadsheetsMarkAndLineEndsDoNotMatter() {
    String csv = HEAD + TEN + "tea,,100,200,CNY,5,,,,,,\n";

    assertThat(items(PlanCsv.read("\uFEFF" + csv.replace("\n", "\r\n"))))
        .isEqualTo(items(PlanCsv.read(csv)));
  }

  @Test
  void aSheetWithoutTheTimeToClaimIsOfShoppersWhoSignInBefore() {
    String line = "Noon,,UTC,2026-11-29T12:00,2026-11-29T13:00,,cup,,5,,,9,,,,,,";
    String head = HEAD.replace("limitPerSession", "limitPerSession,claimWithinSeconds");

    List<Plan> before = PlanCsv.read(HEAD + line);
    List<Plan> after = PlanCsv.read(head + line.replace(",,cup", ",,90,cup"));

    assertThat(before.get(0).session().claimWithinMs()).isZero();
    assertThat(after.get(0).session().claimWithinMs()).isEqualTo(90_000);
    assertThat(items(after).get(0).sale().claimWithinMs()).isEqualTo(90_000);
    assertThat(PlanCsv.read(PlanCsv.write(after)).get(0).session())
        .isEqualTo(after.get(0).session());
  }

  @Test
  void tooManyLinesAreRefused() {
    String line = TEN + "tea,,100,200,CNY,5,,,,,,\n";

    assertThat(PlanCsv.read(HEAD + line.repeat(PlanCsv.LINES_MAX))).hasSize(1);
    assertThat(faults(faulty(HEAD + line.repeat(PlanCsv.LINES_MAX + 1)))).hasSize(1);
  }

  private static List<Drafts.Session> sessions(List<Plan> plans) {
    return plans.stream().map(Plan::session).toList();
  }

  private static List<Drafts.Item> items(List<Plan> plans) {
    return plans.stream().flatMap(plan -> plan.items().stream()).map(PlanCsv.Line::item).toList();
  }

  private static Faulty faulty(String csv) {
    return catchThrowableOfType(Faulty.class, () -> PlanCsv.read(csv));
  }

  private static List<String> faults(Faulty faulty) {
    return faulty.lines().stream()
        .map(line -> (io.vertx.core.json.JsonObject) line)
        .map(line -> line.getLong("line") + " " + line.getString("field"))
        .toList();
  }
}
