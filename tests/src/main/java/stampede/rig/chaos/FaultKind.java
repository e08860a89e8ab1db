package stampede.rig.chaos;

/** What is done to a running shop. */
public enum FaultKind {
  KILL_SALE(Target.SALE, Deed.KILL),
  KILL_EDGE(Target.EDGE, Deed.KILL),
  KILL_PERSIST(Target.PERSIST, Deed.KILL),
  KILL_REDIS(Target.REDIS, Deed.KILL),
  KILL_MYSQL(Target.MYSQL, Deed.KILL),
  FREEZE_SALE(Target.SALE, Deed.FREEZE),
  FREEZE_EDGE(Target.EDGE, Deed.FREEZE),
  FREEZE_PERSIST(Target.PERSIST, Deed.FREEZE),
  FREEZE_REDIS(Target.REDIS, Deed.FREEZE),
  FREEZE_MYSQL(Target.MYSQL, Deed.FREEZE),
  /** A sale node and everything else hear nothing of each other. */
  ISOLATE_SALE(Target.SALE, Deed.ISOLATE),
  /** What a sale node sends to the others is lost; what they send arrives. */
  MUTE_SALE(Target.SALE, Deed.MUTE),
  /** What the others send to a sale node is lost; what it sends arrives. */
  DEAFEN_SALE(Target.SALE, Deed.DEAFEN),
  /** An edge and a sale node lose each other; all else is well. */
  PART_EDGE(Target.EDGE, Deed.PART),
  /** A sale node's packets to Redis are lost, or Redis' to it. */
  CUT_JOURNAL(Target.SALE, Deed.CUT_STORE),
  /** A sale node's way to Redis takes 20–200 ms longer. */
  SLOW_JOURNAL(Target.SALE, Deed.SLOW_STORE),
  /** SIGTERM and start, one sale node after another. */
  ROLL_SALES(Target.SALE, Deed.ROLL),
  /** One sale node more for a while, then SIGTERM. */
  SCALE_SALES(Target.SALE, Deed.SCALE);

  /** Whom a deed is done to. */
  enum Target {
    EDGE,
    SALE,
    PERSIST,
    REDIS,
    MYSQL;

    boolean isStore() {
      return this == REDIS || this == MYSQL;
    }
  }

  /** What is done. */
  enum Deed {
    KILL,
    FREEZE,
    ISOLATE,
    MUTE,
    DEAFEN,
    PART,
    CUT_STORE,
    SLOW_STORE,
    ROLL,
    SCALE;

    /** Whether it takes a network of the shop's own. */
    boolean needsNamespaces() {
      return this == ISOLATE || this == MUTE || this == DEAFEN || this == PART;
    }
  }

  final Target target;
  final Deed deed;

  FaultKind(Target target, Deed deed) {
    this.target = target;
    this.deed = deed;
  }

  String text() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
