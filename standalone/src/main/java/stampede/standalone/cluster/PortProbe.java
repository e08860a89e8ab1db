package stampede.standalone.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.BooleanSupplier;

/** Whether somebody listens on a port of 127.0.0.1. */
record PortProbe(int port) implements BooleanSupplier {
  private static final int TIMEOUT_MS = 500;

  @Override
  public boolean getAsBoolean() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
