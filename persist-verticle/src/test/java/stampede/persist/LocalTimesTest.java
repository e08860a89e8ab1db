package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.InvalidField;

class LocalTimesTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId SHANGHAI = ZoneId.of("Asia/Shanghai");

  @ParameterizedTest
  @CsvSource({
    "Asia/Shanghai,2026-11-29T10:00,2026-11-29T02:00:00Z",
    "Asia/Shanghai,2026-11-29T10:00:30.250,2026-11-29T02:00:30.250Z",
    "Europe/Berlin,2026-07-01T10:00,2026-07-01T08:00:00Z",
    "Europe/Berlin,2026-12-01T10:00,2026-12-01T09:00:00Z",
    "Europe/Berlin,2026-03-29T01:59,2026-03-29T00:59:00Z",
    "Europe/Berlin,2026-03-29T03:00,2026-03-29T01:00:00Z",
    "America/New_York,2026-11-01T00:59,2026-11-01T04:59:00Z",
    "Australia/Lord_Howe,2026-10-04T02:30,2026-10-03T15:30:00Z",
    "Asia/Kathmandu,2026-11-29T10:00,2026-11-29T04:15:00Z",
    "UTC,2026-11-29T10:00,2026-11-29T10:00:00Z"
  })
  void localTimeIsMeantInItsZone(String zone, String text, String instant) {
    assertThat(LocalTimes.at("opensAt", text, ZoneId.of(zone))).isEqualTo(ms(instant));
  }

  @Test
  void aTimeTheClocksJumpOverIsRefused() {
    assertThatThrownBy(() -> LocalTimes.at("opensAt", "2026-03-29T02:30", BERLIN))
        .isInstanceOf(InvalidField.class)
        .hasMessage(
            "opensAt 2026-03-29T02:30 does not exist in Europe/Berlin: clocks go forward over it");
  }

  @Test
  void aTimeThatIsThereTwiceWantsItsOffset() {
    assertThatThrownBy(() -> LocalTimes.at("opensAt", "2026-10-25T02:30", BERLIN))
        .hasMessageContaining("is there twice")
        .hasMessageContaining("2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00");

    assertThat(LocalTimes.at("opensAt", "2026-10-25T02:30+02:00", BERLIN))
        .isEqualTo(ms("2026-10-25T00:30:00Z"));
    assertThat(LocalTimes.at("opensAt", "2026-10-25T02:30+01:00", BERLIN))
        .isEqualTo(ms("2026-10-25T01:30:00Z"));
  }

  @Test
  void anOffsetThatIsNotTheZonesIsRefused() {
    assertThatThrownBy(() -> LocalTimes.at("opensAt", "2026-07-01T10:00+01:00", BERLIN))
        .hasMessageContaining("opensAt has the offset +01:00, in Europe/Berlin it is +02:00");
    assertThat(LocalTimes.at("opensAt", "2026-07-01T10:00Z", null))
        .isEqualTo(ms("2026-07-01T10:00:00Z"));
  }

  @Test
  void localTimeWithoutAZoneIsRefusedForTheZonesSake() {
    assertThatThrownBy(() -> LocalTimes.at("opensAt", "2026-07-01T10:00", null))
        .isInstanceOfSatisfying(
            InvalidField.class, fault -> assertThat(fault.field()).isEqualTo("zone"));
    assertThat(LocalTimes.at("opensAt", 1_000, null)).isEqualTo(1_000);
    assertThat(LocalTimes.at("opensAt", "1000", null)).isEqualTo(1_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tomorrow", "2026-02-30T10:00", "2026-11-29", "0", "10:00", "x+y"})
  void whatIsNoTimeIsRefused(String text) {
    assertThatThrownBy(() -> LocalTimes.at("closesAt", text, SHANGHAI))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("closesAt");
  }

  @Test
  void theSameLocalTimeOnAnotherDayKeepsTheHourOverAChangeOfClocks() {
    long before = ms("2026-03-28T09:00:00Z"); // 10:00 in Berlin's winter

    long after = LocalTimes.daysLater("opensAt", before, 1, BERLIN);

    assertThat(after).isEqualTo(ms("2026-03-29T08:00:00Z"));
    assertThat(after - before).isEqualTo(23 * 3_600_000L);
    assertThat(LocalTimes.daysLater("opensAt", after, -1, BERLIN)).isEqualTo(before);
    assertThatThrownBy(() -> LocalTimes.daysLater("opensAt", ms("2026-03-28T01:30:00Z"), 1, BERLIN))
        .hasMessageContaining("does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-07-01T10:00:00.5Z"})
  void whatIsWrittenIsReadAsTheSameMoment(String instant) {
    String text = LocalTimes.text(ms(instant), BERLIN);

    assertThat(LocalTimes.at("opensAt", text, BERLIN)).as(text).isEqualTo(ms(instant));
  }

  private static long ms(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }
}
