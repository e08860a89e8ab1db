/**
 * What became of a session: one JSON object, and the same as a table for a spreadsheet and as a
 * page for a printer. {@code docs/report.md} lists its members.
 *
 * <pre>
 *   persist: rows of one moment ──► SessionReport ──► JSON ──► ReportCsv
 *   owners' hints, drains, reconcilers ──┘                └──► ReportHtml
 * </pre>
 *
 * <p>Pure: the same rows make the same report. Money is in minor units, times are epoch ms.
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.management.report;
