package stampede;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The lines that keep the design what it is. Each rule says why it is there. */
class ArchitectureTest {
  private static JavaClasses all;

  /**
   * The decision logic: runs on an event loop in production and in one thread under virtual time in
   * the simulation.
   */
  private static final String[] LOGIC = {
    "stampede.sale.PartitionOwner",
    "stampede.sale.Tenure",
    "stampede.sale.Course",
    "stampede.sale.OtherOwner",
    "stampede.sale.Approach",
    "stampede.sale.Asking",
    "stampede.sale.Acquisition",
    "stampede.sale.GivingOver",
    "stampede.sale.Leaving",
    "stampede.sale.Retreat",
    "stampede.sale.Drained",
    "stampede.sale.Once",
    "stampede.sale.EdgeWatch",
    "stampede.sale.LogFold",
    "stampede.sale.ReadAhead",
    "stampede.sale.Replay",
    "stampede.sale.Turns",
    "stampede.sale.OwnerTime",
    "stampede.sale.HintBoard",
    "stampede.sale.FigureBoard",
    "stampede.sale.SoldOutAnswers",
    "stampede.sale.MemberLine",
    "stampede.persist.drain.DrainLoop",
    "stampede.persist.drain.Chunk",
    "stampede.persist.webhook.WebhookSender",
    "stampede.persist.webhook.WebhookQueue",
    "stampede.persist.webhook.EndpointGate",
    "stampede.edge.PartitionQueue",
    "stampede.edge.OwnerRoutes",
    "stampede.edge.ShakeDesk",
    "stampede.edge.Flights",
    "stampede.edge.Reminders",
    "stampede.edge.SoldOut",
    "stampede.edge.SoldOutWatch",
    "stampede.edge.admission.*",
  };

  @BeforeAll
  static void load() {
    all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("stampede");
  }

  @Test
  void protocolIsPlainJava() {
    check(
        classes()
            .that()
            .resideInAPackage("stampede.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "stampede.protocol..", "org.jspecify..")
            .because(
                "every node and every future client of the bus shares it: it must not pull a library in"));
  }

  @Test
  void engineIsPure() {
    check(
        classes()
            .that()
            .resideInAPackage("stampede.sale.engine..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.util..",
                "java.nio.charset..",
                "stampede.protocol",
                "stampede.sale.engine..",
                "org.agrona.collections..",
                "org.jspecify..")
            .because("live and replay must come to the same state: no I/O, no framework"));
    check(
        noClasses()
            .that()
            .resideInAPackage("stampede.sale.engine..")
            .should()
            .dependOnClassesThat(
                named("a clock, randomness, threads or logging", ArchitectureTest::isImpure))
            .because("time is an argument, and nothing else may differ between two runs"));
    check(
        noClasses()
            .that()
            .resideInAPackage("stampede.sale.engine..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Object.class, "hashCode")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class)
            .because("time is an argument, and identity differs from run to run"));
  }

  @Test
  void verticlesDependOnProtocolAndNodeAndNeverOnOneAnother() {
    for (String each : new String[] {"edge", "sale", "persist"}) {
      check(
          noClasses()
              .that()
              .resideInAPackage("stampede." + each + "..")
              .should()
              .dependOnClassesThat(
                  named(
                      "another verticle",
                      type ->
                          isIn(
                                  type,
                                  "stampede.edge",
                                  "stampede.sale",
                                  "stampede.persist",
                                  "stampede.standalone")
                              && !isIn(type, "stampede." + each)))
              .because("they meet on the bus only: each is deployed, upgraded and killed alone"));
    }
  }

  @Test
  void nothingDependsOnTests() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("stampede.rig..", "stampede.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("stampede.rig..", "stampede.bench..")
            .because("what is sold does not contain its own scaffolding"));
  }

  @Test
  void edgesHoldNoRedisAndNoMySql() {
    check(
        noClasses()
            .that()
            .resideInAPackage("stampede.edge..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.vertx.redis..",
                "io.vertx.mysqlclient..",
                "io.vertx.sqlclient..",
                "stampede.node.redis..")
            .because("the machines that face the crowd hold no credentials of the stores"));
  }

  @Test
  void admissionDoesNotKnowTheEdge() {
    check(
        noClasses()
            .that()
            .resideInAPackage("stampede.edge.admission..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("stampede.edge", "stampede.edge.management..", "stampede.node..")
            .because("its rules are told all they look at, and can be tried out alone"));
  }

  @Test
  void decisionLogicKnowsNoFrameworkAndNoThreads() {
    for (String name : LOGIC) {
      check(
          noClasses()
              .that()
              .haveNameMatching(name.replace(".", "\\.").replace("*", "\\w+") + "(\\$.*)?")
              .should()
              .dependOnClassesThat(
                  named(
                      "Vert.x, a client library, a clock, randomness or threads",
                      type ->
                          isIn(type, "io.vertx", "io.netty", "com.hazelcast", "org.slf4j")
                              || isImpure(type)))
              .because("a whole world of it must run in one thread under virtual time"));
    }
  }

  @Test
  void whatPagesSayIsPure() {
    check(
        classes()
            .that()
            .resideInAPackage("stampede.edge.page.view..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.io..",
                "java.lang..",
                "java.math..",
                "java.net",
                "java.nio.charset..",
                "java.text..",
                "java.time..",
                "java.util",
                "java.util.function..",
                "java.util.regex..",
                "java.util.stream..",
                "io.vertx.core.json..",
                "stampede.protocol..",
                "stampede.edge.page.view..",
                "org.jspecify..")
            .because(
                "one state has one text: what is rendered ahead is what would be rendered now"));
  }

  @Test
  void crowdSpeaksOnlyTheDocumentedProtocol() {
    check(
        noClasses()
            .that()
            .resideInAPackage("stampede.standalone.crowd..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "stampede.edge..",
                "stampede.sale..",
                "stampede.persist..",
                "stampede.protocol..",
                "stampede.node..")
            .because("a client that shared our code would share our mistakes"));
  }

  @Test
  void checkerSharesNothingWithWhatItChecks() {
    check(
        classes()
            .that()
            .resideInAPackage("stampede.rig.check..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.io..",
                "java.lang..",
                "java.nio..",
                "java.util..",
                "stampede.rig.check..",
                "org.jspecify..")
            .because("a mistake that the checker shared with the shop would never be found"));
  }

  @Test
  void rulesOfReconciliationReadNoStore() {
    for (String name : new String[] {"Ledger", "LogFold", "Comparison", "RepairPlan"}) {
      check(
          noClasses()
              .that()
              .haveNameMatching("stampede\\.standalone\\.reconcile\\." + name + "(\\$.*)?")
              .should()
              .dependOnClassesThat(
                  named(
                      "Vert.x, a client library, a clock or threads",
                      type -> isIn(type, "io.vertx", "io.netty", "java.io") || isImpure(type)))
              .because("what counts as a difference is tested without servers"));
    }
  }

  private static boolean isImpure(JavaClass type) {
    String name = type.getName();
    return name.equals("java.lang.Thread")
        || name.startsWith("java.util.concurrent.")
        || name.equals("java.util.Random")
        || name.equals("java.security.SecureRandom")
        || name.startsWith("java.util.random.")
        || name.startsWith("java.time.Clock")
        || name.equals("java.util.Date")
        || name.startsWith("java.util.logging.")
        || name.startsWith("java.util.UUID");
  }

  private static boolean isIn(JavaClass type, String... packages) {
    for (String each : packages) {
      if (type.getPackageName().equals(each) || type.getPackageName().startsWith(each + ".")) {
        return true;
      }
    }
    return false;
  }

  private static DescribedPredicate<JavaClass> named(
      String description, java.util.function.Predicate<JavaClass> test) {
    return DescribedPredicate.describe(description, test);
  }

  private static void check(ArchRule rule) {
    rule.check(all);
  }
}
