const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");
const GSM = [160, 153];
const UNICODE = [70, 67];

/** As `services/counting.py` counts: no sign is torn between two parts. */
export function countParts(text) {
  const signs = [...text];
  const isUnicode = signs.some((sign) => !BASIC.has(sign) && !EXTENDED.has(sign));
  const [single, each] = isUnicode ? UNICODE : GSM;
  const widths = signs.map((sign) => (isUnicode ? sign.length : EXTENDED.has(sign) ? 2 : 1));
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total <= single) return { signs: total, parts: total ? 1 : 0, left: single - total };
  let [parts, used] = [1, 0];
  for (const width of widths) {
    if (used + width > each) [parts, used] = [parts + 1, 0];
    used += width;
  }
  return { signs: total, parts, left: each - used };
}

/** The counter below the text of «Отправить смс»: signs, parts, how many are left in the last. */
class MessagingCounter extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("textarea");
    this.shown = this.querySelector("[data-count]");
    this.addEventListener("input", () => this.show());
    this.show();
  }

  show() {
    const { signs, parts, left } = countParts(this.field.value.trim());
    this.shown.textContent = `Знаков: ${signs} · SMS: ${parts} · осталось знаков: ${left}`;
  }
}

if (!customElements.get("p-messaging-counter")) customElements.define("p-messaging-counter", MessagingCounter);
