const PAUSE = 250;
const CURSORS = new Set(["after", "before"]);
const timers = new WeakMap();

/** One event drives a filter bar: typing waits for a pause, a choice does not, and a search field's `change` is no second one. */
function apply(form, pause) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => form.dispatchEvent(new CustomEvent("filter")), pause));
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-filters]");
  if (form && target.type === "search") apply(form, PAUSE);
});

document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("form[data-filters]");
  if (form && target.type !== "search") apply(form, 0);
});

/** Keeps the rest of the address (sorting), drops cursors and empty values. */
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const form = detail.elt;
  if (!form.matches("form[data-filters]")) return;
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (!form.elements.namedItem(name) && !CURSORS.has(name)) detail.formData.append(name, value);
  }
  for (const name of new Set(detail.formData.keys())) {
    const values = detail.formData.getAll(name).filter((value) => value !== "");
    detail.formData.delete(name);
    for (const value of values) detail.formData.append(name, value);
  }
});
