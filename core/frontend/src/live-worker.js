/**
 * The browser's one stream. Reconnects with a growing pause; after a gap every page is told to look again.
 *
 * A page that joins says since when it was drawn (`since`, milliseconds of the server's clock) and hears first what was
 * said between that and now. The first one is told so by the server, the others by what is kept here.
 */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
const KEPT = 1000;

/** Begins to listen. Returns `catchUp(since, tell)`, which tells a page that has joined what it has missed. */
export function openStream(first, publish) {
  const kept = [];
  let knownFrom = first;
  let state = null;
  let pause = FIRST_PAUSE;
  let lost = false;

  function said(message, { lastEventId }) {
    kept.push({ message, at: Number(lastEventId) });
    if (kept.length > KEPT) knownFrom = kept.shift().at + 1;
    publish(message);
  }

  function show(up) {
    state = { type: "state", up };
    publish(state);
  }

  async function signedOut() {
    const asking = new AbortController();
    try {
      const { type, status } = await fetch("/live", { redirect: "manual", signal: asking.signal });
      return type === "opaqueredirect" || status === 401;
    } catch {
      return false;
    } finally {
      asking.abort();
    }
  }

  function connect() {
    const stream = new EventSource(lost ? "/live" : `/live?since=${first}`);
    stream.addEventListener("change", (event) => said({ type: "change", change: JSON.parse(event.data) }, event));
    stream.addEventListener("gap", (event) => said({ type: "gap" }, event));
    stream.addEventListener("ready", (event) => {
      show(true);
      if (lost) said({ type: "gap" }, event);
      lost = false;
      pause = FIRST_PAUSE;
    });
    stream.addEventListener("ended", () => {
      stream.close();
      publish({ type: "ended" });
    });
    stream.onerror = async () => {
      stream.close();
      lost = true;
      if (await signedOut()) return publish({ type: "ended" });
      show(false);
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
  }

  connect();
  return (since, tell) => {
    if (state) tell(state);
    if (since < knownFrom) return tell({ type: "gap" });
    for (const { message, at } of kept) if (at >= since) tell(message);
  };
}

if ("SharedWorkerGlobalScope" in self) {
  const ports = new Set();
  let catchUp = null;

  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => (data === "leave" ? ports.delete(port) : join(port, data.since));
  };

  function join(port, since) {
    ports.add(port);
    if (catchUp) catchUp(since, (message) => port.postMessage(message));
    else start(since);
  }

  /** A stream that ended with its session is opened again by the next page, which has a session of its own. */
  function start(since) {
    catchUp = openStream(since, (message) => {
      if (message.type === "ended") catchUp = null;
      for (const port of ports) port.postMessage(message);
    });
  }
}
