package stampede.standalone.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.BooleanSupplier;

/** Whether somebody listens on a port. */
record PortProbe(String host, int port) implements BooleanSupplier {
  PortProbe(int port) {
    this("127.0.0.1", port);
  }

  private static final int TIMEOUT_MS = 500;

  @Override
  public boolean getAsBoolean() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
