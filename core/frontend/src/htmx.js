import htmx from "htmx.org";
import { csrfToken, pauseBefore, sentenceOf } from "./requests.js";
import { isBox, sayMissing } from "./boxes.js";
import { showProblem } from "./forms.js";
import { PROOF, prove } from "./proof.js";
import { toast } from "./elements/toasts.js";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  disableInheritance: true,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  includeIndicatorStyles: false,
  scrollIntoViewOnBoost: false,
  timeout: 30000,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

const repeated = new WeakSet();

document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRF-Token"] = csrfToken();
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status >= 400 && detail.xhr.getResponseHeader("X-Fragment")) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) repeated.delete(detail.elt);
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  const { xhr, elt, requestConfig } = detail;
  if (xhr.status === 401) return;
  if (xhr.getResponseHeader(PROOF)) {
    prove().then((proved) => proved && repeat(requestConfig));
    return;
  }
  const pause = pauseBefore(xhr.status, xhr.getResponseHeader("Retry-After"));
  if (pause !== null && !repeated.has(elt)) {
    repeated.add(elt);
    setTimeout(() => repeat(requestConfig), pause);
    return;
  }
  repeated.delete(elt);
  if (isBox(elt)) sayMissing(elt, sentenceOf(xhr.status, xhr.responseText).sentence);
  else showProblem(elt, sentenceOf(xhr.status, xhr.responseText));
});

/** The form still holds its idempotency key, so what was saved the first time is not saved again. */
function repeat({ verb, path, elt, target, formData }) {
  htmx.ajax(verb.toUpperCase(), path, { source: elt, target, values: formData });
}

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (isBox(detail.elt)) sayMissing(detail.elt, "Сервер не отвечает.");
    else toast("Сервер не отвечает. Введённое осталось на странице, попробуйте ещё раз.", { kind: "miss" });
  });
}
