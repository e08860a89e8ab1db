package stampede.rig;

import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client that sends whatever frame it is told, well-formed or not. Frames that come are
 * kept until somebody asks for them; pings are answered. Methods block, each with a bound.
 */
public final class WireSocket implements AutoCloseable {
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int HANDSHAKE_MS = 10_000;
  private static final long FRAME_MS = 15_000;
  private static final int UNREAD_MAX = 10_000;

  /** The connection ended without a close frame. */
  public static final int ABNORMAL = 1006;

  private final Socket socket;
  private final DataInputStream in;
  private final List<JsonObject> unread = new ArrayList<>();
  private int closeCode;
  private String closeReason = "";

  /** The upgrade was refused. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    public final transient WireHttp.Answer answer;

    Refused(WireHttp.Answer answer) {
      super(answer.toString());
      this.answer = answer;
    }
  }

  private WireSocket(Socket socket, DataInputStream in) {
    this.socket = socket;
    this.in = in;
  }

  /**
   * Opens a socket to a port of this machine.
   *
   * @throws Refused with what the server answered instead of 101
   */
  public static WireSocket open(int port, String path, Map<String, String> headers) throws Refused {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(HANDSHAKE_MS);
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      socket.getOutputStream().write(upgrade(port, path, headers));
      WireHttp.Answer answer = WireHttp.read(in);
      if (answer.status() != 101) {
        socket.close();
        throw new Refused(answer);
      }
      socket.setSoTimeout(0);
      WireSocket opened = new WireSocket(socket, in);
      Thread reader = new Thread(opened::read, "frames-of-" + socket.getLocalPort());
      reader.setDaemon(true);
      reader.start();
      return opened;
    } catch (IOException e) {
      throw new AssertionError("no WebSocket on port " + port + path, e);
    }
  }

  private static byte[] upgrade(int port, String path, Map<String, String> headers) {
    StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\n");
    head.append("host: 127.0.0.1:").append(port).append("\r\n");
    head.append("upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n");
    head.append("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  public void send(JsonObject frame) {
    send(frame.encode());
  }

  public void send(String text) {
    send(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** One final frame of any kind and content. */
  public synchronized void send(int opcode, byte[] content) {
    ByteBuffer frame = ByteBuffer.allocate(content.length + 14);
    frame.put((byte) (0x80 | opcode));
    if (content.length < 126) {
      frame.put((byte) (0x80 | content.length));
    } else if (content.length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) content.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(content.length);
    }
    frame.putInt(0).put(content); // a mask of zeros changes nothing
    try {
      socket.getOutputStream().write(frame.array(), 0, frame.position());
    } catch (IOException e) {
      throw new AssertionError("not sent; closed with " + closeCode + " " + closeReason, e);
    }
  }

  /** Takes the first unread frame that fits; the others stay. */
  public JsonObject await(Predicate<JsonObject> wanted) {
    JsonObject found = poll(wanted, FRAME_MS);
    if (found == null) {
      throw new AssertionError("no such frame; closed with " + closeCode() + "; unread: " + unread);
    }
    return found;
  }

  /** The next unread frame of that type. */
  public JsonObject await(String type) {
    return await(frame -> type.equals(frame.getString("type")));
  }

  /** Null if none comes in time. */
  public synchronized @Nullable JsonObject poll(Predicate<JsonObject> wanted, long boundMs) {
    long deadline = System.nanoTime() + boundMs * 1_000_000;
    while (true) {
      for (Iterator<JsonObject> each = unread.iterator(); each.hasNext(); ) {
        JsonObject frame = each.next();
        if (wanted.test(frame)) {
          each.remove();
          return frame;
        }
      }
      if (closeCode != 0 || !waitUntil(deadline)) {
        return null;
      }
    }
  }

  /** 0 while it is open. */
  public synchronized int closeCode() {
    return closeCode;
  }

  public synchronized String closeReason() {
    return closeReason;
  }

  /** Waits until the other side closes. */
  public synchronized int awaitClose(long boundMs) {
    long deadline = System.nanoTime() + boundMs * 1_000_000;
    while (closeCode == 0) {
      if (!waitUntil(deadline)) {
        throw new AssertionError("still open after " + boundMs + " ms; unread: " + unread);
      }
    }
    return closeCode;
  }

  private synchronized boolean waitUntil(long deadline) {
    long leftMs = (deadline - System.nanoTime()) / 1_000_000;
    if (leftMs <= 0) {
      return false;
    }
    try {
      wait(leftMs);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void read() {
    try {
      while (true) {
        int opcode = in.readUnsignedByte() & 0x0f;
        byte[] content = new byte[length(in)];
        in.readFully(content);
        if (opcode == CLOSE) {
          closedBy(content);
          return;
        }
        take(opcode, content);
      }
    } catch (EOFException | java.net.SocketException e) {
      closed(ABNORMAL, "");
    } catch (IOException e) {
      closed(ABNORMAL, e.toString());
    }
  }

  private static int length(DataInputStream in) throws IOException {
    int length = in.readUnsignedByte();
    if (length == 126) {
      return in.readUnsignedShort();
    }
    return length == 127 ? Math.toIntExact(in.readLong()) : length;
  }

  private void take(int opcode, byte[] content) {
    if (opcode == PING) {
      send(PONG, content);
    } else if (opcode == TEXT) {
      synchronized (this) {
        if (unread.size() < UNREAD_MAX) {
          unread.add(new JsonObject(new String(content, StandardCharsets.UTF_8)));
        }
        notifyAll();
      }
    }
  }

  private void closedBy(byte[] content) throws IOException {
    int code = content.length < 2 ? 1005 : ByteBuffer.wrap(content).getShort() & 0xffff;
    int from = Math.min(2, content.length);
    closed(code, new String(content, from, content.length - from, StandardCharsets.UTF_8));
    socket.close();
  }

  private synchronized void closed(int code, String reason) {
    closeCode = closeCode == 0 ? code : closeCode;
    closeReason = closeReason.isEmpty() ? reason : closeReason;
    notifyAll();
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
