/**
 * Changes made elsewhere. One stream per browser: a SharedWorker holds it; without one, the tab that holds a lock
 * holds the stream and passes messages on.
 */
import { unsaved } from "../forms.js";
import { toast } from "./toasts.js";

const listeners = new Map();

export const live = {
  /** Calls `heard({channel, id, version})` at each change of a channel; `id` is undefined after a gap: refetch. Returns a function that stops it. */
  on(channel, heard) {
    if (!listeners.has(channel)) listeners.set(channel, new Set());
    listeners.get(channel).add(heard);
    return () => listeners.get(channel).delete(heard);
  },
};

function deliver(message) {
  if (message.type === "state") return showState(message.up);
  if (message.type === "gap") return everyChannel();
  if (message.type === "ended") return sessionEnded();
  tell(message.change);
}

function tell(change) {
  for (const heard of listeners.get(change.channel) ?? []) heard(change);
  for (const element of document.querySelectorAll(`[data-live="${CSS.escape(change.channel)}"]`)) {
    const wanted = element.dataset.liveId;
    if (!wanted || !change.id || wanted === change.id) element.dispatchEvent(new CustomEvent("live", { detail: change }));
  }
}

function everyChannel() {
  const shown = [...document.querySelectorAll("[data-live]")].map((element) => element.dataset.live);
  for (const channel of new Set([...listeners.keys(), ...shown])) tell({ channel });
}

/** Patients' data does not stay on the screen of somebody who is signed out; what was typed is not thrown away. */
function sessionEnded() {
  if (!unsaved()) return location.reload();
  toast("Сеанс завершён, форма не сохранена. Скопируйте введённое и войдите снова.", { kind: "miss", href: location.href, label: "Войти" });
}

function showState(up) {
  document.querySelector("p-live").dataset.state = up ? "up" : "down";
  for (const note of document.querySelectorAll("[data-offline]")) note.hidden = up;
}

function throughWorker(key, since) {
  const worker = new SharedWorker(import.meta.resolve("@prikus/live-worker"), { name: `live-${key}`, type: "module" });
  worker.port.onmessage = ({ data }) => deliver(data);
  worker.port.start();
  worker.port.postMessage({ since });
  addEventListener("pagehide", () => worker.port.postMessage("leave"));
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}

/** Tabs that do not hold the stream may hear twice what one of them has missed. */
async function throughLock(key, since) {
  const channel = new BroadcastChannel(`live-${key}`);
  const pass = (message) => channel.postMessage(message);
  channel.onmessage = ({ data }) => data.type === "joined" || deliver(data);
  pass({ type: "joined", since });
  const { openStream } = await import(import.meta.resolve("@prikus/live-worker"));
  const hold = (release) => {
    const catchUp = openStream(since, (message) => {
      deliver(message);
      pass(message);
      if (message.type === "ended") release();
    });
    channel.onmessage = ({ data }) => data.type === "joined" && catchUp(data.since, pass);
  };
  await navigator.locks.request(`live-${key}`, () => new Promise(hold));
}

class Live extends HTMLElement {
  connectedCallback() {
    const { key, since } = this.dataset;
    const join = globalThis.SharedWorker ? throughWorker : throughLock;
    join(key, Number(since));
  }
}

customElements.define("p-live", Live);
