import htmx from "htmx.org";
import { toast } from "./elements/toasts.js";

/**
 * Shows a refusal where it belongs: beside the fields, else at the top of the form, else as a toast. With a `version`
 * somebody else has saved meanwhile: the fields show what stands there now, and the next save counts.
 */
export function showProblem(elt, { sentence, fields, version }) {
  const form = elt.closest?.("form[data-form]");
  const held = version === undefined ? null : form?.querySelector("input[name=row_version]");
  if (held) held.value = version;
  const unplaced = form ? Object.entries(fields).filter(([name, text]) => !markField(form, name, text)) : [];
  const box = form?.querySelector(".ui-form-error");
  if (!box) return toast(sentence, { kind: "miss" });
  const placedAll = Object.keys(fields).length > 0 && unplaced.length === 0;
  box.textContent = unplaced.length ? unplaced.map(([, text]) => text).join(" ") : sentence;
  box.hidden = placedAll && !held;
  if (held) box.append(" ", takeNewer(form));
  (form.querySelector("[aria-invalid=true]") ?? box).scrollIntoView({ block: "nearest" });
  form.querySelector("[aria-invalid=true]")?.focus();
}

/** The other way out of a stale form: what was typed goes, what the colleague saved comes. */
function takeNewer(form) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: "Взять записанное" });
  button.addEventListener("click", () => {
    form.removeAttribute("data-changed");
    if (form.dispatchEvent(new CustomEvent("take-newer", { bubbles: true, cancelable: true }))) location.reload();
  });
  return button;
}

function markField(form, name, text) {
  const field = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!field) return false;
  field.classList.add("is-invalid");
  field.querySelector("[data-error]").textContent = text;
  field.querySelector(".ui-error").hidden = false;
  for (const control of visibleControls(field)) control.setAttribute("aria-invalid", "true");
  return true;
}

function clearField(field) {
  field.classList.remove("is-invalid");
  field.querySelector(".ui-error").hidden = true;
  for (const control of visibleControls(field)) control.removeAttribute("aria-invalid");
}

function visibleControls(field) {
  return field.querySelectorAll("input:not([type=hidden]), select, textarea");
}

function submitters(form) {
  return [...form.elements].filter((control) => control.type === "submit");
}

function busy(form, on) {
  form.toggleAttribute("data-busy", on);
  for (const button of submitters(form)) {
    button.disabled = on;
    button.setAttribute("aria-busy", String(on));
  }
}

/** A form counts as changed from the first edit until a save succeeds. */
export function unsaved(root = document) {
  return root.querySelector("form[data-changed]") !== null;
}

export function forgetChanges(root) {
  for (const form of root.querySelectorAll("form[data-changed]")) form.removeAttribute("data-changed");
}

document.addEventListener("input", ({ target }) => {
  const field = target.closest?.(".ui-field.is-invalid");
  if (field) clearField(field);
  const form = target.closest?.("form[data-warn-unsaved]");
  if (form && !form.hasAttribute("data-changed")) {
    form.setAttribute("data-changed", "");
    for (const note of form.querySelectorAll("[data-unsaved]")) note.hidden = false;
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches("form[data-form]")) return;
  if (form.hasAttribute("data-busy")) return event.preventDefault();
  const box = form.querySelector(".ui-form-error");
  if (box) box.hidden = true;
  busy(form, true);
});

document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.xhr.status < 400 && detail.elt.matches("form")) detail.elt.removeAttribute("data-changed");
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.matches("form[data-form]")) busy(detail.elt, false);
});

addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

/** A form sent before htmx has seen it (Ctrl+Enter in a panel that has just opened) must not leave the page. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[hx-post]") || form["htmx-internal-data"]?.initHash) return;
  event.preventDefault();
  htmx.process(form);
  htmx.trigger(form, "submit");
});
