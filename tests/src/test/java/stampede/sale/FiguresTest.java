package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.sale.OwnerWorld.ITEM;
import static stampede.sale.OwnerWorld.PARTITION;
import static stampede.sale.OwnerWorld.START_MS;
import static stampede.sale.OwnerWorld.item;
import static stampede.sale.OwnerWorld.publish;
import static stampede.sale.OwnerWorld.shake;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.ItemState;
import stampede.protocol.SaleFigures;
import stampede.sale.OwnerWorld.Node;

/** What an owner tells operators of its items. */
class FiguresTest {
  private final OwnerWorld world = new OwnerWorld();
  private Node node;

  @BeforeEach
  void serve() {
    node = world.node("a", 0);
    assertThat(world.serves(node, 1_000)).isTrue();
    node.send(publish(item(3, 1, START_MS - 1_000, 60_000)));
    world.pass(20);
  }

  private SaleFigures last() {
    return node.figures.get(node.figures.size() - 1);
  }

  @Test
  void unitsAndOrdersAreToldFourToFiveTimesASecond() {
    OwnerWorld.Heard ann = node.send(shake("ann", "k"));
    node.send(shake("bob", "k"));
    world.pass(20);
    node.send(new Command.Cancel(ann.order().order(), Bytes.of("ann")));
    int before = node.figures.size();
    world.pass(2_000);

    assertThat(node.figures.size() - before).isBetween(7, 11);
    assertThat(last())
        .isEqualTo(
            new SaleFigures(
                PARTITION,
                1,
                2,
                0,
                1,
                List.of(new SaleFigures.Item(ITEM, ItemState.OPEN, 2, 1, 0, 3))));
  }

  @Test
  void anOwnerThatGaveUpTellsNothing() {
    node.line = List.of("a", "b");
    node.owner.stepAside(
        new stampede.protocol.HandOver(PARTITION, 1, "edge-1", ""), (answer, failure) -> {});
    world.pass(100);
    int told = node.figures.size();
    node.line = List.of();
    world.pass(2_000);

    assertThat(node.figures).hasSize(told);
  }
}
