package stampede.rig.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.LogReader;
import stampede.rig.check.log.PartitionLog;
import stampede.rig.check.rule.Endings;
import stampede.rig.check.rule.Evidence;
import stampede.rig.check.rule.Expiry;
import stampede.rig.check.rule.KeyStories;
import stampede.rig.check.rule.OrderedAnswers;
import stampede.rig.check.rule.Privacy;
import stampede.rig.check.rule.Projection;
import stampede.rig.check.rule.Recovery;
import stampede.rig.check.rule.SentBefore;
import stampede.rig.check.rule.SoldOutByEdge;
import stampede.rig.check.rule.States;
import stampede.rig.check.rule.ToldAtPosition;

/**
 * Says what does not hold of a run. Reads nothing but the run, changes nothing, needs no servers.
 */
public final class Checker {
  private Checker() {}

  /** Every rule on everything; a violation never keeps another from being found. */
  public static Report check(Run run) {
    Findings findings = new Findings();
    Map<Integer, PartitionLog> logs = LogReader.read(run.stores(), findings);
    Evidence evidence = new Evidence(run, logs, findings);

    Map<Integer, List<Books.Claim>> told = ToldAtPosition.claims(evidence);
    Map<Integer, Books.Claim> drained = Projection.claims(evidence);
    for (PartitionLog log : logs.values()) {
      List<Books.Claim> claims = new ArrayList<>(told.getOrDefault(log.partition(), List.of()));
      claims.add(drained.get(log.partition()));
      evidence.add(Books.fold(log, claims, findings));
    }

    SentBefore.check(evidence);
    OrderedAnswers.check(evidence);
    SoldOutByEdge.check(evidence);
    Endings.check(evidence);
    Privacy.check(evidence);
    States.check(evidence);
    Expiry.check(evidence);
    Recovery.check(evidence);
    return findings.report();
  }

  /** The keys whose last frame has no answer: ask for each before the stores are dumped. */
  public static List<Key> openKeys(Chronicle seen) {
    return KeyStories.of(seen.events()).open();
  }
}
