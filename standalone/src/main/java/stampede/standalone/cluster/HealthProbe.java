package stampede.standalone.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** Whether a node says on its management port that it is ready. For one thread. */
final class HealthProbe implements BooleanSupplier {
  private static final int TIMEOUT_MS = 1_000;

  /** Those who wait ask often; many of them would slow down what they wait for. */
  private static final long INTERVAL_NANOS = 100_000_000;

  private final String host;
  private final int port;
  private long nextNanos = System.nanoTime();

  HealthProbe(String host, int port) {
    this.host = host;
    this.port = port;
  }

  @Override
  public boolean getAsBoolean() {
    if (System.nanoTime() - nextNanos < 0) {
      return false;
    }
    boolean ready = isReady(host, port);
    nextNanos = System.nanoTime() + INTERVAL_NANOS;
    return ready;
  }

  private static boolean isReady(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      String request = "GET /health/ready HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String status =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      return status != null && status.matches("HTTP/1\\.1 2\\d\\d .*");
    } catch (IOException e) {
      return false;
    }
  }
}
