import { h } from "../icons.js";

const FIXED = [
  ["Shift+Slash", "Все сочетания"],
  ["Ctrl+Enter", "Сохранить"],
  ["Escape", "Закрыть"],
];
const NAMES = { Slash: "/", "Shift+Slash": "?", Escape: "Esc" };
const printed = (code) => NAMES[code] ?? code.replace(/^Key|^Digit/, "");

function typing(element) {
  return element?.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]");
}

/** An entry of a closed menu answers only when nothing visible has the key. */
function findShortcut(code) {
  const all = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(code)}"]:not([disabled])`)];
  return all.find((element) => element.checkVisibility()) ?? all[0];
}

/** Keys by their place on the keyboard, so they work in the Russian layout. Silent while a field or a dialog has the focus. */
class Shortcuts extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.defaultPrevented) return;
    if (event.code === "Enter" && (event.ctrlKey || event.metaKey)) return this.save(event);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    if (event.code === "Slash" && event.shiftKey) return this.act(event, showShortcuts);
    const found = event.shiftKey ? null : findShortcut(event.code);
    if (found) this.act(event, () => (typing(found) ? found.select() : found.click()));
  }

  act(event, doIt) {
    event.preventDefault();
    doIt();
  }

  save(event) {
    const form = event.target.closest?.("form") ?? document.querySelector("p-panel form");
    const button = form?.querySelector("[data-save], [type=submit]");
    if (button && !button.disabled) this.act(event, () => form.requestSubmit(button));
  }
}

/** The list of keys that work on this page. */
export function showShortcuts() {
  const own = [...document.querySelectorAll("[data-shortcut][data-shortcut-title]")].map(({ dataset }) => [dataset.shortcut, dataset.shortcutTitle]);
  const rows = [...new Map([...own, ...FIXED])].map(([code, title]) => h("div", {}, h("dt", {}, title), h("dd", {}, h("kbd", { class: "ui-kbd" }, printed(code)))));
  const close = h("button", { type: "button", class: "btn", "data-close": true, autofocus: true }, "Закрыть");
  const box = h("div", { class: "ui-dialog" }, h("h2", { id: "dialog-title" }, "Сочетания клавиш"), h("dl", { class: "ui-keys" }, ...rows), h("div", { class: "ui-dialog-foot" }, close));
  document.querySelector("#dialog").replaceChildren(box);
}

customElements.define("p-shortcuts", Shortcuts);
