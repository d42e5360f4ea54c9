/** The browser's one stream. Reconnects with a growing pause; after a gap every page is told to look again. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;

export function openStream(publish) {
  let pause = FIRST_PAUSE;
  let lost = false;

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
    const stream = new EventSource("/live");
    stream.addEventListener("change", ({ data }) => publish({ type: "change", change: JSON.parse(data) }));
    stream.onopen = () => {
      publish({ type: "state", up: true });
      if (lost) publish({ type: "gap" });
      lost = false;
      pause = FIRST_PAUSE;
    };
    stream.addEventListener("ended", () => {
      stream.close();
      publish({ type: "ended" });
    });
    stream.onerror = async () => {
      stream.close();
      lost = true;
      if (await signedOut()) return publish({ type: "ended" });
      publish({ type: "state", up: false });
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
  }

  connect();
}

if ("SharedWorkerGlobalScope" in self) {
  const ports = new Set();
  let state = null;
  let running = false;

  self.onconnect = ({ ports: [port] }) => {
    ports.add(port);
    port.onmessage = ({ data }) => data === "leave" && ports.delete(port);
    if (state) port.postMessage(state);
    if (!running) start();
  };

  /** A stream that ended with its session is opened again by the next page, which has a session of its own. */
  function start() {
    running = true;
    openStream((message) => {
      if (message.type === "state") state = message;
      if (message.type === "ended") [running, state] = [false, null];
      for (const port of ports) port.postMessage(message);
    });
  }
}
