import { h, icon } from "./icons.js";
import { csrfToken, sentenceOf } from "./requests.js";

/** The header of a refusal that asks for the password. */
export const PROOF = "X-Proof";
const SILENCE = "Сервер не отвечает. Попробуйте ещё раз.";
let asked = null;

/** Asks for the password in the page's dialog. Resolves with whether it was given; asks once for requests at once. */
export function prove() {
  asked ??= askForPassword().finally(() => (asked = null));
  return asked;
}

function askForPassword() {
  const dialog = document.getElementById("dialog");
  const input = h("input", { class: "form-control", type: "password", id: "proof", name: "password", autocomplete: "current-password", required: true, autofocus: true, "aria-describedby": "proof-error" });
  const error = h("div", { class: "invalid-feedback", id: "proof-error", role: "alert" });
  const form = h("form", { class: "ui-dialog", novalidate: true },
    h("div", { class: "ui-dialog-head" },
      h("span", { class: "ui-dialog-icon ui-wait" }, icon("lock")),
      h("div", {}, h("h2", { id: "dialog-title" }, "Подтвердите, что это вы"), h("p", {}, "Это действие требует пароля. Следующие 15 минут он не понадобится."))),
    h("div", { class: "ui-field" }, h("label", { class: "form-label", for: "proof" }, "Пароль"), input, error),
    h("div", { class: "ui-dialog-foot" }, h("button", { class: "btn", type: "button", "data-close": true }, "Отмена"), h("button", { class: "btn btn-primary", type: "submit" }, "Подтвердить")));
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(false), { once: true });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const refusal = await refusalOf(input.value);
      input.classList.toggle("is-invalid", refusal !== null);
      error.textContent = refusal ?? "";
      if (refusal === null) {
        resolve(true);
        dialog.close();
      } else {
        input.select();
      }
    });
    dialog.replaceChildren(form);
  });
}

/** The sentence of the server about a password that does not fit, null when it does. */
async function refusalOf(password) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrfToken() };
  try {
    const answer = await fetch("/session/proof", { method: "POST", headers, body: new URLSearchParams({ password }) });
    if (answer.ok) return null;
    const { sentence, fields } = sentenceOf(answer.status, await answer.text());
    return fields.password ?? sentence;
  } catch {
    return SILENCE;
  }
}
