/** Public API of the core's front end, imported by plugins as `@prikus/ui`. */
import "./htmx.js";
import "./forms.js";
import "./filters.js";
import "./shell.js";
import "./copy.js";
import "./elements/module.js";
import "./elements/file-field.js";
import "./elements/interval.js";
import "./elements/money-input.js";
import "./elements/phone-input.js";
import "./elements/shortcuts.js";

export { default as htmx } from "htmx.org";
export { Drop } from "./elements/drop.js";
export { Menu } from "./elements/menu.js";
export { Picker } from "./elements/picker.js";
export { ask } from "./elements/confirm.js";
export { closePanel, openPanel } from "./elements/panel.js";
export { live } from "./elements/live.js";
export { toast } from "./elements/toasts.js";
export { icon } from "./icons.js";
export { send } from "./requests.js";
