import htmx from "htmx.org";
import { ask } from "./confirm.js";
import { forgetChanges, unsaved } from "../forms.js";

const FIRST = "[autofocus], .ui-panel-body :is(input:not([type=hidden]), select, textarea):not([disabled])";

/** The side panel: the page beside it stays alive, focus goes in and comes back, unsaved changes are asked about. */
class Panel extends HTMLElement {
  connectedCallback() {
    this.opener = null;
    new MutationObserver(() => this.sync()).observe(this, { childList: true });
    this.addEventListener("click", ({ target }) => target.closest("[data-close]") && this.close());
    // One answer may announce several events through a form of this panel: it must stay in the page until all were heard.
    document.addEventListener("panel-close", () => queueMicrotask(() => this.empty()));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("htmx:confirm", (event) => this.guard(event));
    document.addEventListener("htmx:beforeRequest", ({ detail }) => {
      if (detail.target !== this || this.contains(detail.elt)) return;
      this.opener = detail.elt;
      this.address = detail.requestConfig.path;
    });
    this.addEventListener("take-newer", (event) => {
      if (!this.address) return;
      event.preventDefault();
      openPanel(this.address);
    });
    this.sync();
  }

  get open() {
    return this.childElementCount > 0;
  }

  sync() {
    const was = this.hasAttribute("data-open");
    this.toggleAttribute("data-open", this.open);
    document.documentElement.toggleAttribute("data-panel", this.open);
    if (this.open && !(was && this.contains(document.activeElement))) this.focusFirst();
    if (!this.open && was) this.giveFocusBack();
    if (was !== this.open) document.dispatchEvent(new CustomEvent(this.open ? "panel-opened" : "panel-closed"));
  }

  /** What opened the panel may be an entry of a menu that is closed by now. */
  giveFocusBack() {
    const shown = this.opener?.checkVisibility() ? this.opener : this.opener?.closest("p-menu")?.querySelector("button");
    (shown ?? document.querySelector("#main"))?.focus();
  }

  focusFirst() {
    (this.querySelector(FIRST) ?? this.querySelector("#panel-title"))?.focus();
  }

  async mayLeave() {
    if (!unsaved(this)) return true;
    return ask("Закрыть без сохранения?", { text: "Введённые данные не будут сохранены.", action: "Закрыть", cancel: "Вернуться к форме", danger: true });
  }

  async close() {
    if (await this.mayLeave()) this.empty();
  }

  empty() {
    forgetChanges(this);
    this.replaceChildren();
  }

  /** Another panel is about to replace a form with unsaved changes. */
  guard(event) {
    const { target, elt, verb, issueRequest } = event.detail;
    if (target !== this || verb !== "get" || this.contains(elt) || !unsaved(this)) return;
    event.preventDefault();
    this.mayLeave().then((yes) => {
      if (!yes) return;
      forgetChanges(this);
      issueRequest(true);
    });
  }

  key(event) {
    if (!this.open || event.code !== "Escape" || event.defaultPrevented) return;
    if (document.querySelector(":popover-open, dialog[open]")) return;
    event.preventDefault(); // else the same key press closes the question that it opens
    this.close();
  }
}

/** Loads an address into the side panel. */
export function openPanel(url) {
  return htmx.ajax("GET", url, { target: "#panel", swap: "innerHTML", source: document.activeElement ?? document.body });
}

/** Closes it, after asking when there are unsaved changes. */
export function closePanel() {
  return document.querySelector("p-panel").close();
}

customElements.define("p-panel", Panel);
