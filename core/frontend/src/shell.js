import { showShortcuts } from "./elements/shortcuts.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const chosen = localStorage.getItem("prikus-theme") ?? "auto";
  root.dataset.bsTheme = chosen === "dark" || (chosen === "auto" && dark.matches) ? "dark" : "light";
  for (const button of document.querySelectorAll("[data-theme]")) {
    button.setAttribute("aria-checked", String(button.dataset.theme === chosen));
  }
}

function folded() {
  const chosen = root.dataset.menu;
  return chosen === "collapsed" || (chosen === "auto" && document.body.classList.contains("ui-work"));
}

function fold() {
  root.dataset.menu = folded() ? "open" : "collapsed";
  localStorage.setItem("prikus-menu", root.dataset.menu);
}

function toggleDrawer(open = !root.hasAttribute("data-drawer")) {
  root.toggleAttribute("data-drawer", open);
  for (const button of document.querySelectorAll("[data-menu][aria-controls]")) button.setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#side a")?.focus();
}

const actions = {
  "[data-theme]": (button) => {
    localStorage.setItem("prikus-theme", button.dataset.theme);
    showTheme();
  },
  "[data-fold]": fold,
  "button[data-menu]": () => toggleDrawer(),
  "[data-keys]": showShortcuts,
  "[data-back]": () => history.back(),
  "[data-reload]": () => location.reload(),
  "[data-print]": () => print(),
};

document.addEventListener("click", ({ target }) => {
  for (const [selector, act] of Object.entries(actions)) {
    const found = target.closest?.(selector);
    if (found) return act(found);
  }
  if (root.hasAttribute("data-drawer") && !target.closest?.("#side")) toggleDrawer(false);
});

document.addEventListener("keydown", ({ code }) => {
  if (code === "Escape" && root.hasAttribute("data-drawer")) toggleDrawer(false);
});

document.addEventListener("change", ({ target }) => {
  if (target.matches?.("[data-submit]")) target.form.requestSubmit();
});

/** Paper is white whatever the screen is. */
addEventListener("beforeprint", () => (root.dataset.bsTheme = "light"));
addEventListener("afterprint", showTheme);
dark.addEventListener("change", showTheme);
showTheme();

/** A row of tabs that is longer than the screen begins where the open one can be seen. */
for (const row of document.querySelectorAll(".ui-tabs")) {
  const open = row.querySelector("[aria-current]");
  if (open) row.scrollLeft = open.offsetLeft - row.offsetLeft - (row.clientWidth - open.offsetWidth) / 2;
}
