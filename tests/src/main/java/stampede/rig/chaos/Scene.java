package stampede.rig.chaos;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import stampede.rig.check.History;

/**
 * A shop under load, and everybody who looks on.
 *
 * @param told takes a line for people
 */
record Scene(
    ChaosShop shop,
    Crowd crowd,
    ClusterWatch watch,
    SellingWatch selling,
    List<SaleOffer> offers,
    History history,
    Consumer<String> told) {

  /** What is done to the shop while the crowd shakes; back when all of it is undone. */
  interface Deeds {
    Done perform(Scene scene);
  }

  /**
   * What was done.
   *
   * @param troubles what could not be done or undone, or took too long
   */
  record Done(List<FaultDone> faults, List<String> troubles) {}

  /** Items that are never sold out, of the partitions a node owned when it was last looked at. */
  Set<String> plentyOwnedBy(String node) {
    Set<Integer> partitions = watch.ownedBy(node);
    return offers.stream()
        .filter(offer -> !offer.scarce() && partitions.contains(offer.partition()))
        .map(SaleOffer::item)
        .collect(Collectors.toSet());
  }

  /** All items that are never sold out. */
  Set<String> plenty() {
    return offers.stream()
        .filter(offer -> !offer.scarce())
        .map(SaleOffer::item)
        .collect(Collectors.toSet());
  }
}
