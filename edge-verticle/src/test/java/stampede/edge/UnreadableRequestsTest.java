package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no router ever sees: heads that are too long or are none, byte by byte. */
class UnreadableRequestsTest {
  private static final Charset US = StandardCharsets.ISO_8859_1;
  private static final String HOST = "host: 127.0.0.1\r\n";
  private static final int LINE_BYTES_MAX = 4_096;
  private static final int HEAD_BYTES_MAX = 16_384;

  private final WholeEdge whole = new WholeEdge();
  private final List<RawClient> clients = new ArrayList<>();
  private RawClient honest;

  @BeforeEach
  void start() throws Exception {
    whole.open();
    honest = client();
    honest.sendAll(RawClient.upgrade(WholeEdge.token("honest")));
    honest.await("\"type\":\"welcome\"");
  }

  @AfterEach
  void stop() throws Exception {
    honest.sendAll(RawClient.text("{\"type\":\"ping\"}"));
    honest.await("\"type\":\"pong\""); // whatever the others did
    for (RawClient client : clients) {
      client.close();
    }
    whole.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/v1/time?", "/shake?ticket=", "/api/v1/items/"})
  void anOverlongAddressIs414(String path) throws Exception {
    String line = "GET " + path + "x".repeat(LINE_BYTES_MAX) + " HTTP/1.1\r\n";

    refused(line + HOST + "\r\n", 414, "uri_too_long");
  }

  @Test
  void aLineWithoutAnEndIsAnsweredWhenItIsTooLongAndNotWaitedFor() throws Exception {
    refused("GET /" + "x".repeat(2 * LINE_BYTES_MAX), 414, "uri_too_long");
  }

  @Test
  void headersThatAreTooLargeTogetherOrEachAre431() throws Exception {
    String line = "GET /api/v1/time HTTP/1.1\r\n" + HOST;
    StringBuilder many = new StringBuilder(line);
    for (int n = 0; many.length() < HEAD_BYTES_MAX + 2_000; n++) {
      many.append("x-").append(n).append(": ").append("y".repeat(100)).append("\r\n");
    }

    refused(line + "x-one: " + "y".repeat(HEAD_BYTES_MAX) + "\r\n\r\n", 431, "headers_too_large");
    refused(many + "\r\n", 431, "headers_too_large");
    refused(line + "x-endless: " + "y".repeat(2 * HEAD_BYTES_MAX), 431, "headers_too_large");
    String upgrade = new String(RawClient.upgrade("t".repeat(HEAD_BYTES_MAX)), US);
    refused(upgrade, 431, "headers_too_large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0000\u0001\u0002 x y\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"})
  void whatIsNoRequestIs400(String bytes) throws Exception {
    refused(bytes, 400, "bad_request");
  }

  @Test
  void justSmallEnoughIsServed() throws Exception {
    RawClient client = client();
    String start = "GET /api/v1/time?";
    String end = " HTTP/1.1";
    String line = start + "x".repeat(LINE_BYTES_MAX - start.length() - end.length()) + end;
    String header = "x-long: " + "y".repeat(HEAD_BYTES_MAX - 200) + "\r\n";

    client.sendAll((line + "\r\n" + HOST + header + "\r\n").getBytes(US));

    client.await("\"now\":");
    assertThat(client.ended()).isFalse();
  }

  /** It is told why, as the contract says, and its connection ends: nothing after it is read. */
  private void refused(String bytes, int status, String code) throws Exception {
    RawClient client = client();
    client.sendAll(bytes.getBytes(US));
    client.sendAll(("GET /api/v1/time HTTP/1.1\r\n" + HOST + "\r\n").getBytes(US));

    String told = client.receiveAll();

    assertThat(told).matches("(?s)HTTP/1\\.[01] " + status + " .*");
    assertThat(told.split("HTTP/1\\.[01] ")).as("one answer in " + told).hasSize(2);
    String[] parts = told.split("\r\n\r\n", 2);
    assertThat(parts[1]).contains("\"code\":\"" + code + "\"");
    Map<String, String> headers = new HashMap<>();
    for (String header : parts[0].split("\r\n")) {
      String[] pair = header.split(": ", 2);
      if (pair.length == 2) {
        headers.put(pair[0].toLowerCase(Locale.ROOT), pair[1]);
      }
    }
    assertThat(headers).containsEntry("connection", "close");
    HttpContract.check(
        new HttpContract.Exchange("GET", "/x", Map.of(), "", status, headers, parts[1]));
  }

  private RawClient client() throws Exception {
    RawClient client = new RawClient(whole.port());
    clients.add(client);
    return client;
  }
}
