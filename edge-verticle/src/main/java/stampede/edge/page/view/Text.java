package stampede.edge.page.view;

/**
 * Everything pages say; in each language one line of {@code text_<language>.properties}. {@code
 * {0}} stands for what the place puts in.
 */
enum Text {
  SHOP,
  LANGUAGES,
  SEARCH,
  SEARCH_FOR,
  TODAY,
  TOMORROW,
  NO_SESSIONS,
  NO_ITEMS,
  MORE_ITEMS,
  SESSION,
  SESSION_FALLBACK,
  ITEMS,
  OPENS_AT,
  CLOSES_AT,
  PRICE,
  LIST_PRICE,
  LIMIT,
  LIMIT_UNITS,
  STATE,
  STOCK,
  AS_OF,
  NEXT_RELEASE,
  STATE_SCHEDULED,
  STATE_OPEN,
  STATE_PAUSED,
  STATE_SOLD_OUT,
  STATE_ENDED,
  LEVEL_PLENTY,
  LEVEL_LOW,
  LEVEL_NONE,
  FOUND,
  NOTHING_FOUND,
  MADE_AT,
  PROBLEM_400,
  PROBLEM_404,
  PROBLEM_503,
  PROBLEM_500,
  REQUEST_ID,
  BACK_HOME
}
