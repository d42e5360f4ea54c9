/** Groups the digits of a Russian number while it is typed; other countries stay as written. */
export function grouped(text) {
  const digits = text.replace(/\D/g, "");
  const national = /^\+(?!7)/.test(text.trim()) ? null : digits.replace(/^[78](?=\d)/, "");
  if (national === null || national.length > 10 || digits.length < 2) return text;
  const [code, a, b, c] = [national.slice(0, 3), national.slice(3, 6), national.slice(6, 8), national.slice(8, 10)];
  return ["+7", code, [a, b, c].filter(Boolean).join("-")].filter(Boolean).join(" ");
}

class PhoneInput extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    const group = () => (input.value = grouped(input.value));
    input.addEventListener("input", ({ inputType }) => {
      const typedAtEnd = inputType?.startsWith("insert") && input.selectionEnd === input.value.length;
      if (typedAtEnd) group();
    });
    input.addEventListener("change", group);
  }
}

customElements.define("p-phone-input", PhoneInput);
