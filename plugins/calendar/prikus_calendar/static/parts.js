/** `h("div", {class: "x"}, child, "text")`: elements without innerHTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const two = (number) => String(number).padStart(2, "0");

/** Wall-clock parts of a grid's date: `{date: "2026-11-24", time: "09:30"}`. */
export function wall(moment) {
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return { date, time: `${two(moment.getHours())}:${two(moment.getMinutes())}` };
}

/** The time of `2026-11-24T09:30:00`. */
export const timeOf = (text) => text.slice(11, 16);
