const GAP = 4;
const EDGE = 8;

/** A button and a box that opens below it in the top layer, kept inside the window. */
export class Drop extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.box = this.querySelector("[popover]");
    this.button.popoverTargetElement = this.box;
    this.box.addEventListener("toggle", ({ newState }) => this.toggled(newState === "open"));
    this.box.addEventListener("beforetoggle", ({ newState }) => newState === "open" && requestAnimationFrame(() => this.place()));
  }

  toggled(open) {
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.place();
  }

  place() {
    placeBelow(this.box, this.button.getBoundingClientRect(), this.dataset.align === "end");
  }
}

/** Puts a box of the top layer below (or above, where there is more room) a rectangle of the window. */
export function placeBelow(box, anchor, alignEnd = false) {
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = alignEnd ? anchor.right - width : anchor.left;
  const below = anchor.bottom + GAP;
  const fitsBelow = below + height <= innerHeight - EDGE || anchor.top < innerHeight - anchor.bottom;
  box.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  box.style.top = `${fitsBelow ? below : Math.max(EDGE, anchor.top - GAP - height)}px`;
}

customElements.define("p-drop", Drop);
