// The admin socket: the frames of the Vert.x event-bus bridge. One for the page; it comes back by itself, and views learn by `on`.
const WAIT_MS = 30_000;
const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MAX_MS = 10_000;

/** What a command was refused with: `code`, `detail`, perhaps `field` and `lines`. */
export class Fault extends Error {
  constructor({ code, detail, field, lines }) {
    super(detail ?? code);
    Object.assign(this, { code, detail: detail ?? code, field, lines: lines ?? [] });
  }
}

class Wire {
  connected = false;
  /** Since when it is not, by this page's clock. */
  lostAt = Date.now();
  #socket = null;
  #wanted = false;
  #waiting = new Map();
  #taps = new Map();
  #listeners = new Set();
  #sent = 0;
  #backOffMs = BACK_OFF_FIRST_MS;

  /** Calls when it connects or is lost; gives what stops that. */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(refused) {
    this.#wanted = true;
    this.refused = refused;
    this.#open();
  }

  stop() {
    this.#wanted = false;
    this.#socket?.close();
  }

  #open() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/eventbus/websocket`);
    this.#socket = socket;
    socket.onopen = () => {
      this.connected = true;
      this.#backOffMs = BACK_OFF_FIRST_MS;
      for (const address of this.#taps.keys()) {
        this.#write({ type: 'register', address });
      }
      this.#tell();
    };
    socket.onmessage = (message) => this.#hear(JSON.parse(message.data));
    socket.onclose = () => this.#lost(socket);
  }

  async #lost(socket) {
    if (socket !== this.#socket) {
      return;
    }
    if (this.connected) {
      this.lostAt = Date.now();
    }
    this.connected = false;
    for (const { reject } of this.#waiting.values()) {
      reject(new Fault({ code: 'not_connected', detail: 'the connection was lost; it may or may not be done' }));
    }
    this.#waiting.clear();
    this.#tell();
    const delayMs = this.#backOffMs * (0.75 + Math.random() / 2);
    this.#backOffMs = Math.min(BACK_OFF_MAX_MS, this.#backOffMs * 2);
    await new Promise((later) => setTimeout(later, this.#wanted ? delayMs : 0));
    if (this.#wanted) {
      const known = await me().catch(() => null); // a handshake that was refused does not say why
      if (known && !known.signedIn) {
        this.#wanted = false;
        this.refused();
      } else if (this.#wanted) {
        this.#open();
      }
    }
  }

  #hear(frame) {
    if (frame.type === 'rec' && this.#taps.has(frame.address)) {
      for (const listener of this.#taps.get(frame.address)) {
        listener(frame.body);
      }
      return;
    }
    const asked = this.#waiting.get(frame.address);
    if (asked) {
      this.#waiting.delete(frame.address);
      if (frame.type === 'err') {
        asked.reject(new Fault({ code: frame.message, detail: `there is no such address here (${frame.message})` }));
      } else if (frame.body?.error) {
        asked.reject(new Fault(frame.body.error));
      } else {
        asked.resolve(frame.body);
      }
    }
  }

  /** The reply, or a Fault. */
  send(address, body = {}) {
    if (!this.connected) {
      return Promise.reject(new Fault({ code: 'not_connected', detail: 'not connected; nothing was sent' }));
    }
    const replyAddress = `r-${++this.#sent}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(replyAddress);
        reject(new Fault({ code: 'no_reply', detail: 'no reply within 30 s; it may or may not be done' }));
      }, WAIT_MS);
      const settled = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      this.#waiting.set(replyAddress, { resolve: settled(resolve), reject: settled(reject) });
      this.#write({ type: 'send', address, replyAddress, body });
    });
  }

  /** Hears what is published there; gives what stops that. */
  tap(address, listener) {
    const listeners = this.#taps.get(address) ?? new Set();
    listeners.add(listener);
    if (!this.#taps.has(address)) {
      this.#taps.set(address, listeners);
      if (this.connected) {
        this.#write({ type: 'register', address });
      }
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#taps.get(address) === listeners) {
        this.#taps.delete(address);
        if (this.connected) {
          this.#write({ type: 'unregister', address });
        }
      }
    };
  }

  #write(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #tell() {
    this.#listeners.forEach((listener) => listener());
  }
}

export const wire = new Wire();

/** Sent again with the same key, a change is done once. */
export function newKey() {
  return `c-${Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, '0')).join('')}`;
}

/** `{"signedIn","name","role","expiresAt"}` of the cookie. */
export async function me() {
  const answer = await fetch('/console/me', { cache: 'no-store' });
  return answer.json();
}
