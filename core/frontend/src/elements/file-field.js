import { showProblem } from "../forms.js";

const FORMAT = new Intl.NumberFormat("ru-RU", { maximumFractionDigits: 1 });

/** Says at once that a file is too large to be sent, and shows how much of it has left. */
class FileField extends HTMLElement {
  connectedCallback() {
    this.control = this.querySelector("input");
    this.bar = this.querySelector("progress");
    this.form = this.closest("form");
    this.control.addEventListener("change", () => this.check());
    this.form?.addEventListener("htmx:xhr:progress", ({ detail }) => this.show(detail));
    for (const event of ["htmx:beforeRequest", "htmx:afterRequest"]) {
      this.form?.addEventListener(event, () => Object.assign(this.bar, { hidden: true, value: 0 }));
    }
  }

  check() {
    const largest = Number(this.dataset.largest);
    if (![...this.control.files].some((file) => file.size > largest)) return;
    this.control.value = "";
    const sentence = `Файл больше ${FORMAT.format(largest / 1e6)} МБ: выберите другой.`;
    showProblem(this, { sentence, fields: { [this.control.name]: sentence } });
  }

  /** Answers come with a progress of their own, which is not shown: it begins when everything was sent. */
  show({ lengthComputable, loaded, total }) {
    if (!lengthComputable || !this.control.files.length || this.bar.value === 1) return;
    this.bar.hidden = false;
    this.bar.value = loaded / total;
  }
}

customElements.define("p-file-field", FileField);
