/**
 * What pages say: records in, text out.
 *
 * <pre>
 *   SessionView  ItemFacts  ItemView ──► ShopHtml ─┬─ Layout ─ Html     text in Text / text_zh, text_en
 *                 │           │     └──► PageJson   │                     └─► Words, for shop.js
 *                 │     OutcomeView ───► ItemHtml ──┴─ ItemParts
 *                 └────────────────────► Reminder (.ics)
 *   SearchQuery, SessionDays: what a reader asked for, in the one form all who ask the same share
 * </pre>
 *
 * <ul>
 *   <li>Pure: no clock, no I/O, no Vert.x but its JSON. {@code nowMs} is epoch milliseconds, news
 *       are dated in the owner's epoch milliseconds, money is in minor units.
 *   <li>Everything somebody else wrote (titles, queries, zones) goes through {@link
 *       stampede.edge.page.view.Html#text}; markup is written in the sources only.
 *   <li>Stock is a word with the time it was true at, never a number. Times are shown in the zone
 *       of the session.
 *   <li>Nothing of one shopper is in a page but that of an outcome: who somebody is their browser
 *       asks by the module, {@code webroot/shop.js}; docs/shopper-page.md is its manual. Without it
 *       there is a form and a refresh.
 *   <li>A new word for shoppers is a line in {@link stampede.edge.page.view.Text} and in the table
 *       of each language; a table that lacks one does not load.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.page.view;
