import { toast } from "./elements/toasts.js";

/** `data-copy="text"` on a button. Without a clipboard (plain http) the field beside it is selected for copying by hand. */
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(button.dataset.copy);
    return toast("Ссылка скопирована");
  }
  document.querySelector("[data-copy-source]")?.select();
});
