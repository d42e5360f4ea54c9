import { h, icon } from "../icons.js";

/** Holds the one modal dialog of a page: our questions, and dialogs made by the server and swapped into `#dialog`. */
class Confirm extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    new MutationObserver(() => this.sync()).observe(this.dialog, { childList: true });
    this.dialog.addEventListener("close", () => this.dialog.replaceChildren());
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]") || target === this.dialog) this.dialog.close();
    });
    document.addEventListener("dialog-close", () => queueMicrotask(() => this.dialog.close()));
  }

  sync() {
    const filled = this.dialog.childElementCount > 0;
    if (filled && !this.dialog.open) this.dialog.showModal();
    if (!filled && this.dialog.open) this.dialog.close();
  }

  ask(title, { text, action = "Да", cancel = "Отмена", danger = false, iconName = "alert-triangle" }) {
    return new Promise((resolve) => {
      const yes = h("button", { type: "button", class: `btn ${danger ? "btn-danger" : "btn-primary"}`, autofocus: true }, action);
      const no = h("button", { type: "button", class: "btn", "data-close": true }, cancel);
      yes.addEventListener("click", () => {
        this.dialog.removeEventListener("close", refuse);
        this.dialog.close();
        resolve(true);
      });
      const refuse = () => resolve(false);
      this.dialog.addEventListener("close", refuse, { once: true });
      const head = headOf("dialog-title", title, { text, colour: danger ? "ui-miss" : "ui-wait", iconName });
      this.dialog.replaceChildren(h("div", { class: "ui-dialog" }, head, h("div", { class: "ui-dialog-foot" }, no, yes)));
    });
  }
}

/** The head of a dialog: a sign, a title with its `id`, a sentence below. */
export function headOf(id, title, { text, colour, iconName }) {
  const words = h("div", {}, h("h2", { id }, title), text ? h("p", {}, text) : null);
  return h("div", { class: "ui-dialog-head" }, h("span", { class: `ui-dialog-icon ${colour}` }, icon(iconName)), words);
}

/** `await ask("Удалить пациента?", {text, action: "Удалить", danger: true})` → true or false */
export function ask(title, options = {}) {
  return document.querySelector("p-confirm").ask(title, options);
}

function askFor(element) {
  const { confirm, confirmText, confirmAction, confirmCancel } = element.dataset;
  return ask(confirm, { text: confirmText, action: confirmAction, cancel: confirmCancel, danger: "confirmDanger" in element.dataset });
}

document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = event.detail;
  if (!elt.dataset.confirm) return;
  event.preventDefault();
  askFor(elt).then((yes) => yes && issueRequest(true));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.hasAttribute("hx-post") || form.hasAttribute("data-confirmed")) return;
  event.preventDefault();
  askFor(form).then((yes) => {
    if (!yes) return;
    form.setAttribute("data-confirmed", "");
    form.requestSubmit(event.submitter);
  });
});

customElements.define("p-confirm", Confirm);
