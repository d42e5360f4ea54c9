/** The browser's one stream. Reconnects with a growing pause; after a gap every page is told to look again. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;

export function openStream(publish) {
  let pause = FIRST_PAUSE;
  let lost = false;

  function connect() {
    const stream = new EventSource("/live");
    stream.addEventListener("change", ({ data }) => publish({ type: "change", change: JSON.parse(data) }));
    stream.onopen = () => {
      publish({ type: "state", up: true });
      if (lost) publish({ type: "gap" });
      lost = false;
      pause = FIRST_PAUSE;
    };
    stream.onerror = () => {
      stream.close();
      lost = true;
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
  self.onconnect = ({ ports: [port] }) => {
    ports.add(port);
    port.onmessage = ({ data }) => data === "leave" && ports.delete(port);
    if (state) port.postMessage(state);
    else if (ports.size === 1) start();
  };
  const start = () =>
    openStream((message) => {
      if (message.type === "state") state = message;
      for (const port of ports) port.postMessage(message);
    });
}
