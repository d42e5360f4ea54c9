import { kopecks } from "./pay.js";

/** «Вернуть деньги»: the sum of the chosen services, which the server has counted, below them and on the button. */
class BillingRefund extends HTMLElement {
  connectedCallback() {
    this.lines = [...this.querySelectorAll("select")];
    this.format = new Intl.NumberFormat("ru-RU", { style: "currency", currency: this.dataset.currency });
    this.addEventListener("change", () => this.show());
    this.querySelector("[data-all]").addEventListener("click", () => this.chooseAll());
    this.show();
  }

  chooseAll() {
    for (const line of this.lines) line.selectedIndex = line.options.length - 1;
    this.lines[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show() {
    const sum = this.lines.reduce((sum, line) => sum + kopecks(line.selectedOptions[0].dataset.amount), 0);
    const text = this.format.format(sum / 100);
    this.querySelector("[data-sum]").textContent = text;
    this.closest("form").querySelector("[data-save] > span").textContent = sum ? `Вернуть ${text}` : "Вернуть";
  }
}

if (!customElements.get("p-billing-refund")) customElements.define("p-billing-refund", BillingRefund);
