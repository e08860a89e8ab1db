/**
 * The operators' side of an edge, on a port of its own that the crowd never reaches.
 *
 * <pre>
 *   console, CLI ─ws─► ManagementVerticle → AdminSocket → AdminGateway ─┬─ SaleCommands ──────► owners
 *                        token, Origin       frames        role table,  ├─ SessionPublishing ─► persist, owners
 *   load balancer ─GET─► /health/…           taps          schemas      ├─ LimitCommands ─────► owner of partition 0
 *                                                                       ├─ CatalogueCommands ─► persist
 *                                                                       ├─ HandOverCommand ───► an owner   ┐ audited
 *                                                                       ├─ NoticeCommand ─────► all edges  ┘ first
 *                                                                       ├─ Proposals ◄────────► all edges
 *                                                                       ├─ ClusterView ◄────── hints, DrainWatch
 *                                                                       ├─ AlarmsHeard ◄────── all nodes
 *                                                                       ├─ live.LiveFigures ◄─ edges, owners
 *   browser ─GET─► /reports/…: ReportPages ──────────────────────────────┴─ ReportCommands ───► persist → report
 *           ─GET─► / and /console/…: ConsoleFiles
 *           ─POST─► /console/sign-in: SignIn ─► cookie
 * </pre>
 *
 * <p>Everything runs on the edge's event loop: the edge starts the verticle in its own context, so
 * that {@code /health/live} speaks of the loop that serves the crowd and owners are asked from the
 * loop they belong to. No command waits longer than 29 s. Ids are decimal text, times epoch ms.
 *
 * <p>Who may do what, and with which body, stands in one place, the table of {@link
 * stampede.edge.management.AdminGateway}; {@code admin.schema} shows it and the console makes its
 * forms of it. The console is files of {@code console/} and these addresses, nothing else: it can
 * do nothing the command line can't. Its libraries are kept as they were published ({@code
 * console/vendor}, with checksums and licences); there is nothing to build. A change carries the
 * operator's name, reason and key to the one who makes it, and is audited there, not here.
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.management;
