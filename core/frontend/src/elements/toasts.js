import { h, icon } from "../icons.js";

const STAY = 6000;
const CARRY = 3000;
const STORE = "prikus-toasts";
const ICONS = { done: "circle-check", info: "info-circle", wait: "alert-triangle", miss: "alert-circle" };

/** Short notes at the corner. Those just shown are carried over to the next page; errors stay until closed. */
class Toasts extends HTMLElement {
  connectedCallback() {
    this.shown = new Map();
    document.addEventListener("toast", ({ detail }) => this.add(detail));
    addEventListener("pagehide", () => this.carry());
    const carried = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
    sessionStorage.removeItem(STORE);
    for (const note of carried) this.add(note);
  }

  add({ text, kind = "done", href, label, act }) {
    const close = h("button", { type: "button", class: "btn btn-icon btn-ghost btn-sm", "aria-label": "Закрыть уведомление" }, icon("x"));
    const button = act && h("button", { type: "button", class: "btn btn-sm" }, label);
    const link = href && h("a", { class: "btn btn-sm", href }, label);
    const note = h("div", { class: `ui-toast ui-${kind}`, role: kind === "miss" ? "alert" : null }, icon(ICONS[kind] ?? ICONS.info), h("span", {}, text), button || link || null, close);
    const remove = () => {
      this.shown.delete(note);
      note.remove();
    };
    close.addEventListener("click", remove);
    button?.addEventListener("click", () => {
      remove();
      act();
    });
    if (kind !== "miss") this.stay(note, remove);
    this.shown.set(note, { at: Date.now(), data: { text, kind, href, label } });
    this.append(note);
  }

  stay(note, remove) {
    let timer = setTimeout(remove, STAY);
    note.addEventListener("pointerenter", () => clearTimeout(timer));
    note.addEventListener("focusin", () => clearTimeout(timer));
    note.addEventListener("pointerleave", () => (timer = setTimeout(remove, STAY)));
  }

  carry() {
    const fresh = [...this.shown.values()].filter(({ at }) => Date.now() - at < CARRY).map(({ data }) => data);
    if (fresh.length) sessionStorage.setItem(STORE, JSON.stringify(fresh));
  }
}

/** `toast("Запись перенесена", {label: "Вернуть", act: undo})` */
export function toast(text, options = {}) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, ...options } }));
}

customElements.define("p-toasts", Toasts);
