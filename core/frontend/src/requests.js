import { PROOF, prove } from "./proof.js";

const SENTENCES = {
  403: "Для этого действия не хватает прав.",
  404: "Не найдено. Возможно, объект удалён или модуль выключен.",
  409: "Данные уже изменились. Обновите страницу и повторите.",
  422: "Проверьте отмеченные поля.",
  429: "Слишком много запросов. Подождите минуту.",
  503: "Сейчас сохранить не получилось. Введённое осталось на странице, попробуйте ещё раз.",
};
const OTHERWISE = "Ошибка на нашей стороне. Введённое осталось на странице, попробуйте ещё раз.";

export function csrfToken() {
  return document.querySelector("meta[name=csrf-token]")?.content ?? "";
}

/** What a refusal says: `{sentence, fields}` of our JSON, or a general sentence when something else answered. */
export function sentenceOf(status, text) {
  try {
    const { sentence, fields, detail, row_version: version } = JSON.parse(text);
    return { sentence: sentence ?? SENTENCES[status] ?? OTHERWISE, fields: fields ?? detail?.fields ?? {}, version };
  } catch {
    return { sentence: SENTENCES[status] ?? OTHERWISE, fields: {} };
  }
}

const SHORTEST_PAUSE = 400;
const LONGEST_PAUSE = 3000;

/**
 * Milliseconds before the one repetition of what another try may cure: the server was busy (503), or the same press is
 * still at work (409 with `Retry-After`). null: it is not repeated.
 */
export function pauseBefore(status, retryAfter) {
  if (status !== 503 && !(status === 409 && retryAfter)) return null;
  return Math.min(Math.max(Number(retryAfter) * 1000 || 0, SHORTEST_PAUSE), LONGEST_PAUSE);
}

/**
 * JSON request to our own API, for elements that do not work by htmx. Resolves with the decoded answer;
 * rejects with an Error whose message is the sentence for people and whose `status`, `fields` and `version` say more.
 */
export async function send(url, { method = "GET", body, key, signal } = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrfToken() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const request = () => fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  let answer = await request();
  const pause = pauseBefore(answer.status, answer.headers.get("Retry-After"));
  if (pause !== null && (key || method === "GET")) {
    await new Promise((resume) => setTimeout(resume, pause));
    answer = await request();
  }
  if (answer.headers.get(PROOF) && (await prove())) answer = await request();
  if (answer.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const text = await answer.text();
  if (!answer.ok) {
    const { sentence, fields, version } = sentenceOf(answer.status, text);
    throw Object.assign(new Error(sentence), { status: answer.status, fields, version });
  }
  return text ? JSON.parse(text) : null;
}
