package stampede.rig;

import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP/1.1 connection that sends whatever it is told, well-formed or not, and stays open
 * between requests. A wait for an answer is at most {@value #ANSWER_MS} ms. For one thread.
 */
public final class WireHttp implements AutoCloseable {
  private static final int ANSWER_MS = 20_000;

  private final Socket socket;
  private final InputStream in;

  /** An answer; header names are in lower case. */
  public record Answer(int status, Map<String, String> headers, String body) {
    public JsonObject json() {
      return new JsonObject(body);
    }

    /** Of a problem, or of anything with such a member. */
    public String code() {
      return json().getString("code");
    }
  }

  /** Connects to a port of this machine. */
  public WireHttp(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(ANSWER_MS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new AssertionError("no connection to port " + port, e);
    }
  }

  /** One request on a connection of its own. */
  public static Answer once(
      int port, String method, String path, Map<String, String> headers, String body) {
    try (WireHttp http = new WireHttp(port)) {
      return http.send(method, path, headers, body);
    }
  }

  /**
   * Sends a request and reads its answer.
   *
   * @param headers beside host and content-length
   * @param body empty = none
   */
  public Answer send(String method, String path, Map<String, String> headers, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    head.append("host: 127.0.0.1:").append(socket.getPort()).append("\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    if (bytes.length > 0 || method.equals("POST")) {
      head.append("content-length: ").append(bytes.length).append("\r\n");
    }
    try {
      write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8), bytes);
      return read(in);
    } catch (IOException e) {
      throw new AssertionError(method + " " + path + ": no answer", e);
    }
  }

  /** In one piece: a server that refuses by the head may close before a second one comes. */
  private void write(byte[] head, byte[] body) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head);
    all.writeBytes(body);
    socket.getOutputStream().write(all.toByteArray());
  }

  static Answer read(InputStream in) throws IOException {
    String first = line(in);
    int status = Integer.parseInt(first.split(" ")[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Answer(status, headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the connection was closed");
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
