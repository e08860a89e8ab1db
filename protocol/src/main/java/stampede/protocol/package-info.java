/**
 * What the verticles say to each other, and what the journal holds. Plain Java: no library, no
 * config, no I/O. Everything here is immutable except {@link stampede.protocol.ByteWriter}, {@link
 * stampede.protocol.ByteReader} and {@link stampede.protocol.WinnerFilter}, which belong to one
 * thread.
 *
 * <p>Messages between nodes (binary ones are encoded by the record they name, JSON ones are UTF-8):
 *
 * <pre>
 * address              from → to           request              reply             guarantee
 * sale.{node}.{nonce}  edge → owner        CommandBatch         BatchReply        at most once; edges send again, same commands, new Passage
 * sale.{node}.{nonce}  edge → owner        (empty): a ping      (empty)           every second to each owner's address
 * sale.{node}.{nonce}.soldout  edge → owner  SoldOutQuery      SoldOutQuery.Answer at most once; every 300 ms for sold-out items asked for
 * sale.{node}.{nonce}.condition  edge → owner  (empty)  {"commands","busyNanos","settingsUnchecked"} at most once; before a session is published
 * sale.owners          edge → any sale     (empty)              Hint.encodeAll    at most once
 * sale.handover.{node}.{nonce}  sale → owner  HandOver          HandOver.Answer   at most once; released = acquire now
 * sale.leaving         owner → all sale    HandOver             –                 best effort, every 500 ms until given over
 * stampede.hints       owner → everybody   Hint                 –                 best effort, again within 400 ms
 * stampede.orders      owner → edges       OrderNews            –                 best effort
 * sale.{node}.{nonce}.aside  edge → owner  HandOver            HandOver.Answer   at most once; an operator's word: release, come after all others
 * stampede.sales       owner → edges       SaleFigures          –                 best effort, every 200 to 300 ms if there are items, for operators
 * stampede.edges       edge → edges        {"node",…}, below    –                 best effort, every 250 ms, for operators
 * stampede.notices     edge → edges        {"item","text","at"} –                 best effort
 * stampede.proposals   edge → edges        JSON, below          –                 best effort; every second while there are some
 * stampede.alarms      every node → edges  JSON, below          –                 best effort, for operators
 * edge.tickets.{edge}  edge → edge         a ticket's bytes     {"user","expiresAt"} | {}  at most once; it is used up
 * stampede.drain       drainer → all       DrainNews            –                 best effort, again within 400 ms
 * stampede.reconcile   reconciler → all    ReconcileNews        –                 best effort, every second
 * stampede.drain.retry edge → drainers     {"partition":n}      –                 best effort
 * stampede.webhook.retry  edge → persist nodes  (empty)         –                 best effort; looked at again
 * stampede.unblocked   edge → edges        a user's bytes       –                 best effort; edges forget by themselves
 * persist.query        edge, owner → any   {"op":…}, below      {…} | {"error":{"code","detail"}}
 * </pre>
 *
 * <p>An owner decides no message twice, and none that its edge no longer waits for: each carries a
 * {@link stampede.protocol.Passage}. So once an edge has had the answer to a command, no copy of it
 * that the network brings later takes effect.
 *
 * <p>{@code stampede.edges}: {@code
 * {"node","sockets","shakes","outcomes":{…},"queue","eventLoopDelayMs"}}; shakes and outcomes since
 * the edge's start.
 *
 * <p>{@code stampede.alarms}: {@code {"node","code","partition","detail","leftOut","at"}}, as it
 * was logged: the same at most once in 10 s; {@code partition} only if it is about one; {@code
 * leftOut} = how many like it were not told before.
 *
 * <p>{@code stampede.proposals}: {@code
 * {"waiting":[{"pending","address","body","by","expiresAt"}],"over":["pending",…]}}; what is over
 * was approved or has run out, and does not come back.
 *
 * <p>{@code persist.query} operations (ids are decimal text, times epoch ms, money minor units,
 * {@code by}/{@code reason}/{@code key} as in {@link stampede.protocol.Warrant}):
 *
 * <pre>
 * session.create     title opensAt closesAt zone label? limitPerSession? claimWithinSeconds? by reason? key?          → {"session"}
 * item.create        session title price listPrice currency stock limitPerUser payWithinSeconds cooldownMs gate releases[{at,units}] limitPerOrder? product?
 *                    by reason? key?                                       → {"item","partition"}
 * session.change     session, members of session.create                    → {"session","before","after"}
 * item.change        item, members of item.create                          → {"item","before","after"}
 * session.copy       session day title?                                    → {"session","items":[id]}
 * session.archive    session, once its owners have archived it             → {"session","status":"archived"}
 * session.import     csv                                                   → {"sessions":[id],"items":n} | error with "lines":[{line,field,problem}]
 * session.export     session? from? to?                                    → {"csv"}
 * clock                                                                    → {"now"}: of the primary
 * session.list       from? to?                                             → {"sessions":[{session,title,opensAt,closesAt,zone,status,label,limitPerSession,login,claimWithinSeconds,items:[…]}]}
 * session.get        session now?: true = as the primary has it             → {"session":{…as in the list…}}
 * session.published  session forced?[names] opensAt? closesAt? claimWithinSeconds?: as owners were told
 *                    by reason? key?                                       → {"session","status":"published"}
 * item.get           item                                                  → {"item":{…}}
 * search             q: words, of published items' titles                  → {"items":[{…}, zone],"asOf"}
 * orders             user item? key? after? limit? seen?                   → {"orders":[…newest first…],"asOf","next"?: give it as after}
 * order.get          order user?                                           → {"order":{…},"asOf"}
 * cursor             partition                                             → {"position","batch"}
 * audit              after? max? newest?: true = the last ones, the newest first  → {"entries":[…]}
 * audit.add          action subject after:{…} by reason? key?              → {"again"}: true = this key was there already
 * webhooks                                                                 → {"on","pending","oldestAgeMs","parked","more","lastError"?,"lastErrorAt"?,"first":[…]}
 * webhooks.retry     by reason? key?                                       → {"retried","more"}
 * edge.counts        node startedAt at sockets counts:{…}                   → {"kept":true}
 * report             session                                               → what MySQL says of a session, see docs/report.md
 * </pre>
 *
 * Items in these replies have the members of {@link stampede.protocol.SaleItem} (gate as 0…1,
 * {@code payWithinSeconds}, {@code claimWithinSeconds}); orders have those of {@link
 * stampede.protocol.OrderFact} and refund members.
 */
@org.jspecify.annotations.NullMarked
package stampede.protocol;
