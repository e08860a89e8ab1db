package stampede.edge.page;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Map;
import stampede.edge.page.view.Language;
import stampede.protocol.port.Timers;

/**
 * Stands before the router: a page that is there goes out after one look-up by its exact address,
 * everything else is the router's. A walk along the router's routes would cost as much as the
 * answer. On the edge's event loop.
 */
public final class PageFront implements Handler<HttpServerRequest> {
  private static final int HEADERS_MAX = 1_000;

  private final PageCache cache;
  private final StaticFiles files;
  private final Timers timers;
  private final PageCounters counters;
  private final Handler<HttpServerRequest> router;
  private final Map<String, Language> languages = new HashMap<>();
  private boolean closed;

  PageFront(
      PageCache cache,
      StaticFiles files,
      Timers timers,
      PageCounters counters,
      Handler<HttpServerRequest> router) {
    this.cache = cache;
    this.files = files;
    this.timers = timers;
    this.counters = counters;
    this.router = router;
  }

  /** From now on the router answers everything. */
  public void close() {
    closed = true;
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpMethod method = request.method();
    boolean reading = method == HttpMethod.GET || method == HttpMethod.HEAD;
    if (closed || !reading || !answered(request)) {
      router.handle(request);
    }
  }

  private boolean answered(HttpServerRequest request) {
    String uri = request.uri();
    if (uri.isEmpty() || uri.charAt(0) != '/') {
      return false;
    }
    long nowMs = timers.millis();
    Page page = cache.fresh(uri, nowMs);
    if (page == null && uri.startsWith(StaticFiles.PREFIX)) {
      return files.answer(request);
    }
    if (page == null) {
      page = cache.fresh(Pages.key(language(request), uri), nowMs);
    }
    if (page == null) {
      return false;
    }
    counters.hit();
    send(request, page, PageAnswer.HIT, nowMs);
    return true;
  }

  void send(HttpServerRequest request, Page page, CharSequence status, long nowMs) {
    if (PageAnswer.isStale(page, nowMs)) {
      counters.wasStale();
    }
    PageAnswer.send(request, page, status, nowMs);
  }

  /** Few different headers are sent by very many. */
  Language language(HttpServerRequest request) {
    String header = request.getHeader(HttpHeaders.ACCEPT_LANGUAGE);
    if (header == null) {
      return Language.accepted(null);
    }
    Language known = languages.get(header);
    return known != null ? known : remember(header);
  }

  private Language remember(String header) {
    if (languages.size() >= HEADERS_MAX) {
      languages.clear();
    }
    Language language = Language.accepted(header);
    languages.put(header, language);
    return language;
  }
}
