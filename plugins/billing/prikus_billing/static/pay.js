/** "12500.00" → 1250000; what is not a sum is NaN. Kopecks are whole numbers, so nothing is rounded. */
export function kopecks(text) {
  return /^\d{1,12}\.\d{2}$/.test(text) ? Number(text.replace(".", "")) : NaN;
}

function canonical(amount) {
  const digits = String(amount).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** «Форма оплаты»: a way that is chosen takes all that is left; the button and the line below say what happens. */
class BillingPay extends HTMLElement {
  connectedCallback() {
    this.due = kopecks(this.dataset.due);
    this.form = this.closest("form");
    this.format = new Intl.NumberFormat("ru-RU", { style: "currency", currency: this.dataset.currency });
    this.methods = [...this.querySelectorAll("[data-method]")];
    this.state = this.querySelector("[data-balance]");
    this.rest = this.querySelector("[data-rest]");
    this.toDeposit = this.rest.querySelector("input");
    this.addEventListener("click", ({ target }) => this.choose(target.closest(".p-billing-choose")?.closest("[data-method]")));
    this.addEventListener("input", () => this.show());
    this.addEventListener("change", () => this.show());
    this.show();
  }

  field(method) {
    return method.querySelector("p-money-input");
  }

  sum(method) {
    return kopecks(this.field(method).querySelector("input[type=hidden]").value || "0.00");
  }

  choose(method) {
    if (!method) return;
    const others = this.methods.filter((other) => other !== method);
    const rest = this.due - others.reduce((sum, other) => sum + (this.sum(other) || 0), 0);
    const takesAll = rest <= 0;
    if (takesAll) others.forEach((other) => this.set(other, 0));
    this.set(method, Math.min(takesAll ? this.due : rest, this.most(method)));
    this.field(method).dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** What may be taken in this way: of the deposit no more than there is. */
  most(method) {
    return method.dataset.most ? kopecks(method.dataset.most) : Infinity;
  }

  set(method, amount) {
    this.field(method).value = canonical(amount);
  }

  show() {
    const sums = this.methods.map((method) => this.sum(method));
    this.methods.forEach((method, at) => method.toggleAttribute("data-used", sums[at] > 0));
    const taken = sums.reduce((sum, part) => sum + part, 0);
    this.rest.hidden = !(taken > this.due);
    if (this.rest.hidden) this.toDeposit.checked = false;
    const money = (amount) => this.format.format(amount / 100);
    const button = this.form.querySelector("[data-save] > span");
    button.textContent = taken > 0 ? `Оплатить ${money(taken)}` : "Оплатить";
    const [look, text] = this.words(taken, money);
    this.state.className = `ui-alert ui-${look}`;
    this.state.firstElementChild.textContent = text;
  }

  words(taken, money) {
    if (Number.isNaN(taken)) return ["miss", "Введите суммы цифрами, например 1500,00."];
    if (taken === 0) return ["wait", "Выберите способ оплаты или введите суммы."];
    const short = this.methods.find((method) => this.sum(method) > this.most(method));
    if (short) return ["miss", `На депозите только ${money(this.most(short))}.`];
    if (taken > this.due && this.toDeposit.checked) return ["done", `${money(taken - this.due)} сверх счёта пойдут на депозит.`];
    if (taken > this.due) return ["miss", `Больше, чем осталось оплатить, на ${money(taken - this.due)}.`];
    const rest = `Распределено ${money(taken)} из ${money(this.due)}. Остаток ${money(this.due - taken)}.`;
    return [taken === this.due ? "done" : "wait", rest];
  }
}

if (!customElements.get("p-billing-pay")) customElements.define("p-billing-pay", BillingPay);
