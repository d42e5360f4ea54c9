const FORMAT = new Intl.NumberFormat("ru-RU", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** "12 500,5" → "12500.50"; what is not a sum goes to the server as typed, which says so beside the field. */
export function canonical(text) {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  return /^-?\d+(\.\d{1,2})?$/.test(plain) ? toCents(plain) : text.trim();
}

function toCents(plain) {
  const [whole, part = ""] = plain.split(".");
  return `${whole}.${part.padEnd(2, "0")}`;
}

/** Shows «12 500,00», sends `12500.00` in the hidden field. */
class MoneyInput extends HTMLElement {
  connectedCallback() {
    this.view = this.querySelector("input:not([type=hidden])");
    this.sent = this.querySelector("input[type=hidden]");
    this.show();
    this.view.addEventListener("input", () => (this.sent.value = canonical(this.view.value)));
    this.view.addEventListener("change", () => this.show());
    this.view.addEventListener("focus", () => this.view.select());
  }

  get value() {
    return this.sent.value;
  }

  set value(text) {
    this.sent.value = canonical(text);
    this.show();
  }

  show() {
    const number = this.sent.value;
    if (/^-?\d+\.\d{2}$/.test(canonical(number))) this.view.value = FORMAT.format(canonical(number));
  }
}

customElements.define("p-money-input", MoneyInput);
