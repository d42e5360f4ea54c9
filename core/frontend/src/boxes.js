import htmx from "htmx.org";

/** A box of a module in somebody else's page: `data-box` is its title. */
export const isBox = (element) => element.matches("[data-box]");

/** The content did not come: the box says which one it is and why, and offers another try; the page stays as it is. */
export function sayMissing(box, sentence) {
  const note = document.createElement("div");
  note.className = "ui-box-missing";
  note.setAttribute("role", "status");
  const title = document.createElement("strong");
  title.textContent = `«${box.dataset.box}» сейчас не показать`;
  const reason = document.createElement("span");
  reason.textContent = sentence;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn btn-sm";
  again.textContent = "Повторить";
  again.addEventListener("click", () => htmx.ajax("GET", box.getAttribute("hx-get"), { source: box, target: box }));
  note.append(title, reason, again);
  box.replaceChildren(note);
}

/** What a box sends may change the box only, whatever else it names. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const box = detail.requestConfig.elt;
  if (!isBox(box)) return;
  detail.target = box;
  detail.serverResponse = detail.serverResponse.replaceAll("hx-swap-oob", "data-not-here");
});
