package stampede.edge.page.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.InvalidField;

class SessionDaysTest {
  private static final long NOW_MS = at("2026-11-10T20:00:00Z");

  @Test
  void dayIsThatOfTheSessionsOwnZone() {
    // 10:00 on the 11th in Shanghai is 02:00 UTC; at NOW it is the 11th there already
    SessionView session = session("Asia/Shanghai", "2026-11-11T02:00:00Z", "2026-11-11T03:00:00Z");

    assertThat(picked(session, "today")).isEqualTo(1);
    assertThat(picked(session, "tomorrow")).isZero();
    assertThat(picked(session, "2026-11-11")).isEqualTo(1);
    SessionView inUtc = session("UTC", "2026-11-11T02:00:00Z", "2026-11-11T03:00:00Z");
    assertThat(picked(inUtc, "today")).isZero();
    assertThat(picked(inUtc, "tomorrow")).isEqualTo(1);
  }

  @Test
  void sessionsOverMidnightBelongToBothDaysAndEndBeforeTheirLastMoment() {
    SessionView session = session("UTC", "2026-11-10T23:00:00Z", "2026-11-12T00:00:00Z");

    assertThat(picked(session, "2026-11-09")).isZero();
    assertThat(picked(session, "2026-11-10")).isEqualTo(1);
    assertThat(picked(session, "2026-11-11")).isEqualTo(1);
    assertThat(picked(session, "2026-11-12")).isZero();
  }

  @Test
  void aDayIsAsLongAsItsZonesClocksMakeIt() {
    // on 25 October 2026 Berlin's day has 25 hours, the last ends at 23:00 UTC; on 29 March it has
    // 23
    SessionView late = session("Europe/Berlin", "2026-10-25T22:30:00Z", "2026-10-25T22:45:00Z");
    assertThat(picked(late, "2026-10-25")).isEqualTo(1);
    assertThat(picked(late, "2026-10-26")).isZero();
    SessionView summer = session("Europe/Berlin", "2026-03-29T22:00:00Z", "2026-03-29T22:30:00Z");
    assertThat(picked(summer, "2026-03-29")).isZero();
    assertThat(picked(summer, "2026-03-30")).isEqualTo(1);
    // in Santiago 6 September 2026 begins at 01:00: midnight does not exist
    SessionView first = session("America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06T04:10:00Z");
    assertThat(picked(first, "2026-09-06")).isEqualTo(1);
    assertThat(picked(first, "2026-09-05")).isZero();
  }

  @Test
  void everyZoneOfTheWorldIsAskedFor() {
    JsonObject query = SessionDays.query("2026-11-11", NOW_MS);

    assertThat(query.getLong("from")).isLessThanOrEqualTo(at("2026-11-10T10:00:00Z"));
    assertThat(query.getLong("to")).isGreaterThanOrEqualTo(at("2026-11-12T12:00:00Z"));
  }

  @Test
  void aZoneNobodyKnowsIsUtc() {
    SessionView session = session("Mars/Olympus", "2026-11-10T21:00:00Z", "2026-11-10T22:00:00Z");

    assertThat(picked(session, "today")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "2026-13-01", "2026-02-30", "26-1-1", "2026-11-11T00"})
  void refusesWhatIsNoDay(String day) {
    assertThatThrownBy(() -> SessionDays.requireDay(day))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("day");
  }

  private static int picked(SessionView session, String day) {
    return SessionDays.pick(List.of(session), day, NOW_MS).size();
  }

  private static SessionView session(String zone, String opensAt, String closesAt) {
    return new SessionView(12, "Ten o'clock", at(opensAt), at(closesAt), zone, "single", List.of());
  }

  private static long at(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }
}
