import { icon } from "@prikus/ui";
import { h } from "./parts.js";

function item({ text, iconName, dot, hint, danger, checked, act }) {
  const attributes = { type: "button", class: `ui-menu-item${danger ? " is-danger" : ""}`, role: checked === undefined ? "menuitem" : "menuitemradio", tabindex: -1 };
  if (checked !== undefined) attributes["aria-checked"] = String(checked);
  const mark = dot ? h("span", { class: `ui-dot ui-${dot}` }) : iconName ? icon(iconName) : null;
  const button = h("button", attributes, mark, h("span", {}, text), hint ? h("kbd", { class: "ui-kbd", "aria-hidden": true }, hint) : null, checked === undefined ? null : icon("check"));
  button.addEventListener("click", act);
  return button;
}

/** Opens a menu at a point of the window; the focus goes back to what `opener()` finds when it closes. `items` has `null` for a line. */
export function openMenu({ x, y, label, items, opener }) {
  document.querySelector("p-menu.p-calendar-menu")?.remove();
  const anchor = h("button", { type: "button", tabindex: -1, "aria-hidden": true, style: `left:${x}px;top:${y}px` });
  const box = h("div", { class: "ui-menu", role: "menu", "aria-label": label, popover: true }, ...items.map((one) => (one ? item(one) : h("div", { class: "ui-menu-line", role: "separator" }))));
  const menu = h("p-menu", { class: "p-calendar-menu" }, anchor, box);
  document.querySelector("main").append(menu);
  box.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    if (box.contains(document.activeElement) || document.activeElement === document.body) opener()?.focus();
    menu.remove();
  });
  box.addEventListener("keydown", (event) => {
    const found = /^(Digit|Numpad)[1-9]$/.test(event.code) && items.find((one) => one?.hint === event.code.at(-1));
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    box.hidePopover();
    found.act();
  });
  box.showPopover();
}
