import htmx from "htmx.org";
import { Drop } from "./drop.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** A menu with the keys of a menu: arrows, Home, End, Esc; choosing closes it. */
export class Menu extends Drop {
  connectedCallback() {
    super.connectedCallback();
    this.box.addEventListener("beforetoggle", () => this.fill());
    this.button.addEventListener("keydown", (event) => {
      if (event.code !== "ArrowDown") return;
      event.preventDefault();
      this.box.showPopover();
    });
    this.box.addEventListener("keydown", (event) => this.move(event));
    this.box.addEventListener("click", ({ target }) => {
      if (target.closest("[role^=menuitem]")) this.box.hidePopover();
    });
  }

  /** Items of a menu shared by many rows: cloned at the first opening, `{name}` becomes this element's `data-name`. */
  fill() {
    const pattern = this.dataset.use && document.getElementById(this.dataset.use);
    if (!pattern || this.box.childElementCount) return;
    const items = pattern.content.cloneNode(true);
    for (const { attributes } of items.querySelectorAll("*")) {
      for (const attribute of attributes) {
        attribute.value = attribute.value.replace(/\{(\w+)\}/g, (whole, name) => this.dataset[name] ?? whole);
      }
    }
    this.box.append(items);
    htmx.process(this.box);
  }

  get items() {
    return [...this.box.querySelectorAll("[role^=menuitem]")].filter((item) => !item.disabled && item.checkVisibility());
  }

  toggled(open) {
    super.toggled(open);
    if (open) this.items[0]?.focus();
  }

  move(event) {
    const items = this.items;
    const at = items.indexOf(document.activeElement);
    if (event.code in STEPS) items.at((at + STEPS[event.code]) % items.length)?.focus();
    else if (event.code === "Home") items[0]?.focus();
    else if (event.code === "End") items.at(-1)?.focus();
    else if (event.code === "Tab") return this.box.hidePopover();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("p-menu", Menu);
