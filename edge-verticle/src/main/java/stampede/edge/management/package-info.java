/**
 * The operators' side of an edge, on a port of its own that the crowd never reaches.
 *
 * <pre>
 *   console, CLI ─ws─► ManagementVerticle → AdminSocket → AdminGateway ─┬─ SaleCommands ──────► owners
 *                        token, Origin       frames        role table   ├─ SessionPublishing ─► persist, owners
 *   load balancer ─GET─► /health/…                                      ├─ LimitCommands ─────► owner of partition 0
 *                                                                       ├─ CatalogueCommands ─► persist
 *                                                                       ├─ ClusterView ◄────── hints, DrainWatch
 *   browser ─GET─► /reports/…: ReportPages ──────────────────────────────┴─ ReportCommands ───► persist → report
 * </pre>
 *
 * <p>Everything runs on the edge's event loop: the edge starts the verticle in its own context, so
 * that {@code /health/live} speaks of the loop that serves the crowd and owners are asked from the
 * loop they belong to. No command waits longer than 29 s. Ids are decimal text, times epoch ms.
 *
 * <p>Who may do what stands in one place, the table of {@link
 * stampede.edge.management.AdminGateway}. A change carries the operator's name, reason and key to
 * the one who makes it, and is audited there, not here.
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.management;
