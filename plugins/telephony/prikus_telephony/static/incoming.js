import { htmx, live } from "@prikus/ui";

const KEPT = "prikus-incoming-call";
const SECOND = 1000;

/** The card of an incoming call on every page. Words of the live stream say that there is one; the server, for whom. */
class Incoming extends HTMLElement {
  connectedCallback() {
    this.call = sessionStorage.getItem(KEPT);
    this.stop = live.on("telephony.incoming", ({ id }) => this.show(id ?? this.call));
    this.addEventListener("click", ({ target }) => target.closest("[data-dismiss]") && this.dismiss());
    this.keys = (event) => this.press(event);
    document.addEventListener("keydown", this.keys);
    this.show(this.call);
  }

  disconnectedCallback() {
    this.stop();
    clearInterval(this.clock);
    document.removeEventListener("keydown", this.keys);
  }

  /** Another call does not push away the one that is being talked about. */
  async show(id) {
    if (!id || this.dismissed === id || (this.talking && this.call !== id)) return;
    const answer = await fetch(`/telephony/incoming/${id}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 200) this.draw(id, await answer.text());
    else if (this.call === id) this.clear();
  }

  draw(id, html) {
    this.call = id;
    sessionStorage.setItem(KEPT, id);
    const focused = this.contains(document.activeElement);
    this.innerHTML = html;
    htmx.process(this);
    this.tick();
    if (focused) this.querySelector("[data-act], [data-dismiss]")?.focus();
  }

  get card() {
    return this.querySelector("[data-call]");
  }

  get talking() {
    return this.card?.dataset.state === "answered";
  }

  tick() {
    clearInterval(this.clock);
    const clock = this.querySelector("[data-since]");
    if (!clock) return;
    const start = Date.now() - Number(clock.dataset.since) * SECOND;
    const draw = () => {
      const seconds = Math.max(0, Math.floor((Date.now() - start) / SECOND));
      clock.textContent = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
    };
    draw();
    this.clock = setInterval(draw, SECOND);
  }

  /** Enter does what the card proposes, Escape folds it, unless somebody types or answers a panel. */
  press(event) {
    const elsewhere = event.target.closest?.("input, textarea, select, button, a, dialog, #panel, [popover]");
    if (!this.card || event.defaultPrevented || event.isComposing || (elsewhere && !this.contains(elsewhere))) return;
    if (event.code === "Escape") this.dismiss();
    const act = event.code === "Enter" && !elsewhere && this.querySelector('[data-act="Enter"]');
    if (!act) return;
    event.preventDefault();
    act.click();
  }

  dismiss() {
    this.dismissed = this.call;
    this.clear();
  }

  clear() {
    clearInterval(this.clock);
    this.call = null;
    sessionStorage.removeItem(KEPT);
    this.replaceChildren();
  }
}

customElements.define("p-telephony-incoming", Incoming);
