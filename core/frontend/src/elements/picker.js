import { placeBelow } from "./drop.js";
import { openPanel } from "./panel.js";

const PAUSE = 150;
const MATCHES = { one: "совпадение", few: "совпадения", many: "совпадений" };
const plural = new Intl.PluralRules("ru");

/** Search as you type over an address that answers `?q=` with options. */
export class Picker extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("[role=combobox]");
    this.list = this.querySelector("[role=listbox]");
    this.sent = this.querySelector("input[type=hidden]");
    this.count = this.querySelector("[data-count]");
    this.min = Number(this.dataset.min ?? 2);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("focus", () => this.min === 0 && !this.sent?.value && this.search());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => this.choose(target.closest("[role=option]")));
  }

  disconnectedCallback() {
    this.asking?.abort();
    clearTimeout(this.timer);
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get current() {
    return this.list.querySelector("[aria-selected=true]");
  }

  typed() {
    this.setValue("");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE);
  }

  async search() {
    const query = this.input.value.trim();
    this.asking?.abort();
    if (query.length < this.min) return this.close();
    this.asking = new AbortController();
    const url = new URL(this.dataset.src, location.origin);
    url.searchParams.set("q", query);
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: this.asking.signal });
      if (!answer.ok) return this.close();
      const text = await answer.text();
      if (document.activeElement === this.input) this.show(text);
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show(html) {
    this.list.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    this.options.forEach((option, at) => (option.id = `${this.list.id}-${at}`));
    const found = this.options.filter((option) => !option.dataset.panel).length;
    if (this.count) this.count.textContent = found ? `${found} ${MATCHES[plural.select(found)]}` : "";
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    const anchor = this.input.getBoundingClientRect();
    this.list.style.minWidth = `${anchor.width}px`;
    placeBelow(this.list, anchor);
    this.input.setAttribute("aria-expanded", "true");
    this.point(this.options[0]);
  }

  point(option) {
    this.current?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const open = this.list.matches(":popover-open");
    const options = this.options;
    const at = options.indexOf(this.current);
    if (event.code === "ArrowDown" && !open) this.search();
    else if (!open) return;
    else if (event.code === "ArrowDown") this.point(options[(at + 1) % options.length]);
    else if (event.code === "ArrowUp") this.point(options.at(at - 1));
    else if (event.code === "Enter" && !event.ctrlKey) this.choose(event.shiftKey ? options.find((option) => option.dataset.panel) : this.current);
    else if (event.code === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(option) {
    if (!option) return;
    const { value, text, href, panel } = option.dataset;
    this.close();
    if (panel) return openPanel(panel);
    if ("navigate" in this.dataset && href) return location.assign(href);
    this.input.value = text;
    if (this.count) this.count.textContent = "";
    this.setValue(value);
    this.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: { value, text, option } }));
  }

  setValue(value) {
    if (!this.sent || this.sent.value === value) return;
    this.sent.value = value;
    this.sent.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

class PatientPicker extends Picker {}

customElements.define("p-picker", Picker);
customElements.define("p-patient-picker", PatientPicker);
