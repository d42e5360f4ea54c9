import { Drop } from "./drop.js";

const DAY = 24 * 3600 * 1000;
const iso = (day) => day.toISOString().slice(0, 10);
const shown = (value) => (value ? value.split("-").reverse().join(".") : "…");

/** First and last day of a preset around `today`; weeks begin on Monday. */
function presetDays(preset, today) {
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
  const monday = new Date(today - ((today.getUTCDay() + 6) % 7) * DAY);
  return {
    day: [today, today],
    week: [monday, new Date(monday.getTime() + 6 * DAY)],
    month: [new Date(Date.UTC(year, month, 1)), new Date(Date.UTC(year, month + 1, 0))],
    year: [new Date(Date.UTC(year, 0, 1)), new Date(Date.UTC(year, 11, 31))],
  }[preset].map(iso);
}

class Interval extends Drop {
  connectedCallback() {
    super.connectedCallback();
    const [from, to] = (this.dates = [...this.querySelectorAll("input[type=date]")]);
    this.addEventListener("change", () => this.show());
    this.addEventListener("click", ({ target }) => {
      const preset = target.closest("[data-preset]")?.dataset.preset;
      if (!preset) return;
      [from.value, to.value] = presetDays(preset, new Date(`${this.dataset.today}T00:00:00Z`));
      to.dispatchEvent(new Event("change", { bubbles: true }));
      this.box.hidePopover();
    });
  }

  show() {
    const [from, to] = this.dates.map((input) => input.value);
    this.querySelector("[data-shown]").textContent = from || to ? `${shown(from)} – ${shown(to)}` : "Период";
  }
}

customElements.define("p-interval", Interval);
