package stampede.bench.scale;

import java.io.IOException;
import java.util.List;

/**
 * A {@link TurnCrowd} in a process of its own: with both ends of very many sockets in one, they
 * would meet its limit of open files. Lines in: {@code come PORT N}; {@code play ITEM WANTED OUT
 * MS}.
 */
final class CrowdProcess implements AutoCloseable {
  private final Child child;

  /**
   * @param name of its users' ids
   */
  CrowdProcess(List<String> jvm, String name) {
    child = Child.start(CrowdProcess.class, jvm, name);
  }

  void come(int port, int sockets) {
    child.ask("come " + port + " " + sockets);
  }

  /** Answers, all of them as wanted. */
  long play(String item, String wanted, int outstanding, int ms) {
    return child.askNumber("play " + item + " " + wanted + " " + outstanding + " " + ms);
  }

  @Override
  public void close() {
    child.close();
  }

  public static void main(String[] args) throws IOException {
    TurnCrowd crowd = new TurnCrowd(args[0]);
    Child.serve(
        line -> {
          String[] words = line.split(" ");
          if (words[0].equals("come")) {
            crowd.come(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            return words[2];
          }
          int outstanding = Integer.parseInt(words[3]);
          int ms = Integer.parseInt(words[4]);
          return Long.toString(crowd.play(List.of(words[1]), words[2], outstanding, ms).checked());
        });
  }
}
