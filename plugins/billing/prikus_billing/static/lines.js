import { htmx } from "@prikus/ui";

/** The lines of a new invoice. Rows and sums come from the server; this adds and removes them and asks for the total. */
class BillingLines extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("[data-lines]");
    this.total = this.querySelector("[data-total]");
    this.addEventListener("picked", ({ target, detail }) => this.add(target, detail.value));
    this.addEventListener("click", ({ target }) => this.remove(target.closest("[data-remove]")));
    this.list.addEventListener("input", () => this.count());
    this.list.addEventListener("change", () => this.count());
  }

  async add(picker, service) {
    picker.querySelector("input[type=hidden]").value = "";
    picker.input.value = "";
    const { doctor, appointment } = this.dataset;
    const query = new URLSearchParams({ service, ...(doctor && { doctor }), ...(appointment && { appointment }) });
    await htmx.ajax("GET", `/billing/lines/new?${query}`, { source: this.list, target: this.list, swap: "beforeend" });
    picker.input.focus();
    picker.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.count();
  }

  remove(button) {
    if (!button) return;
    button.closest("[data-line]").remove();
    this.querySelector("[role=combobox]").focus();
    this.count();
  }

  count() {
    htmx.trigger(this.total, "count");
  }
}

if (!customElements.get("p-billing-lines")) customElements.define("p-billing-lines", BillingLines);
