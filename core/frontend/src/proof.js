import { headOf } from "./elements/confirm.js";
import { h } from "./icons.js";
import { csrfToken, sentenceOf } from "./requests.js";

/** The header of a refusal that asks for the password. */
export const PROOF = "X-Proof";
const TITLE = "Подтвердите, что это вы";
const WHY = "Это действие требует пароля. Следующие 15 минут он не понадобится.";
const SILENCE = "Сервер не отвечает. Попробуйте ещё раз.";
let asked = null;

/** Asks for the password in a dialog above all else. Resolves with whether it was given; asks once for requests at once. */
export function prove() {
  asked ??= askForPassword().finally(() => (asked = null));
  return asked;
}

function askForPassword() {
  const input = h("input", { class: "form-control", type: "password", id: "proof", name: "password", autocomplete: "current-password", required: true, autofocus: true, "aria-describedby": "proof-error" });
  const error = h("div", { class: "invalid-feedback", id: "proof-error", role: "alert" });
  const cancel = h("button", { class: "btn", type: "button" }, "Отмена");
  const form = h("form", { class: "ui-dialog", novalidate: true },
    headOf("proof-title", TITLE, { text: WHY, colour: "ui-wait", iconName: "lock" }),
    h("div", { class: "ui-field" }, h("label", { class: "form-label", for: "proof" }, "Пароль"), input, error),
    h("div", { class: "ui-dialog-foot" }, cancel, h("button", { class: "btn btn-primary", type: "submit" }, "Подтвердить")));
  const dialog = h("dialog", { class: "ui-dialog-box", "aria-labelledby": "proof-title" }, form);
  return new Promise((resolve) => {
    let isProved = false;
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(isProved);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const refusal = await refusalOf(input.value);
      isProved = refusal === null;
      if (isProved) return dialog.close();
      input.classList.add("is-invalid");
      error.textContent = refusal;
      input.select();
    });
    document.body.append(dialog);
    dialog.showModal();
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
