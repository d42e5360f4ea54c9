import { kopecks } from "./pay.js";

/** A drawer that gave more than it had must hold less than nothing. */
function signedKopecks(text) {
  return text.startsWith("-") ? -kopecks(text.slice(1)) : kopecks(text);
}

/** Counting the drawer: says at once whether the count agrees; «Сходится» writes down what must lie there. */
class BillingCount extends HTMLElement {
  connectedCallback() {
    this.state = this.querySelector("[data-balance]");
    if (!this.state) return;
    this.field = this.querySelector("p-money-input");
    this.expected = signedKopecks(this.dataset.expected);
    this.format = new Intl.NumberFormat("ru-RU", { style: "currency", currency: this.dataset.currency });
    this.addEventListener("input", () => this.show());
    this.querySelector("[data-agrees]")?.addEventListener("click", () => this.agree());
  }

  agree() {
    this.field.value = this.dataset.expected;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  show() {
    const [look, text] = this.words(kopecks(this.field.querySelector("input[type=hidden]").value));
    this.state.className = `ui-alert ui-${look}`;
    this.state.firstElementChild.textContent = text;
  }

  words(counted) {
    if (Number.isNaN(counted)) return ["wait", "Пересчитайте наличные и введите сумму."];
    const difference = counted - this.expected;
    if (difference === 0) return ["done", "Касса сошлась."];
    const much = this.format.format(Math.abs(difference) / 100);
    return ["miss", `${difference > 0 ? "Лишних" : "Не хватает"} ${much}. Пересчитайте или укажите причину.`];
  }
}

if (!customElements.get("p-billing-count")) customElements.define("p-billing-count", BillingCount);
