import { live } from "@prikus/ui";
import { words } from "./parts/words.js";

class Greeting extends HTMLElement {
  connectedCallback() {
    this.textContent = words;
    live.on("workbench.names", ({ id }) => (this.textContent = `${words} ${id}`));
  }
}

customElements.define("p-greeting", Greeting);
