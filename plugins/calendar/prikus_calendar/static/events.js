import { h, timeOf } from "./parts.js";

const MINUTE = 60000;
const SHORT = 25;
const MIDDLE = 45;
const LONG = 60;

function length(cell) {
  return (new Date(cell.ends) - new Date(cell.starts)) / MINUTE;
}

/** Appointments and working time as the grid's events. */
export function gridEvents({ day, mode, can }) {
  if (mode === "doctors") return day.shifts.map((shift) => shiftEvent(shift, can));
  return [...day.shifts.map(backgroundOf), ...day.appointments.map((cell) => appointmentEvent(cell, can))];
}

function backgroundOf(shift) {
  const { id, chair_id, starts, ends } = shift;
  return { id: `s${id}`, resourceId: chair_id, start: starts, end: ends, display: "background", className: "p-calendar-shift" };
}

function shiftEvent(shift, can) {
  const classes = ["p-calendar-event", "is-shift", "ui-conf"];
  return { id: `s${shift.id}`, resourceId: shift.chair_id, start: shift.starts, end: shift.ends, editable: can.shifts, className: classes, extendedProps: { shift } };
}

function appointmentEvent(cell, can) {
  const minutes = length(cell);
  const size = minutes <= SHORT ? "is-short" : minutes < MIDDLE ? "is-middle" : "is-long";
  const classes = ["p-calendar-event", `ui-${cell.colour}`, size, `is-${cell.meaning}`, cell.occupies ? "" : "is-freed"].filter(Boolean);
  const editable = can.edit && cell.meaning !== "cancelled";
  return { id: `a${cell.id}`, resourceId: cell.chair_id, start: cell.starts, end: cell.ends, editable, className: classes, extendedProps: { cell } };
}

/** What stands in an event; while it is dragged the time follows. */
export function eventContent({ event, timeText }) {
  const { cell, shift } = event.extendedProps;
  if (shift) return { domNodes: [h("div", { "data-shift": shift.id }, h("b", {}, shift.doctor), h("span", {}, shift.profession), h("span", {}, timeText))] };
  if (cell) return { domNodes: [appointmentBody(cell, timeText)] };
  if (event.display === "background") return { domNodes: [] };
  return { domNodes: [h("div", {}, h("b", {}, timeText))] };
}

function appointmentBody(cell, timeText) {
  const status = h("strong", {}, cell.status);
  const about = cell.visit_type ?? cell.comment;
  const title = [cell.patient, `${timeOf(cell.starts)}–${timeOf(cell.ends)}`, cell.status, cell.visit_type, cell.comment].filter(Boolean).join(", ");
  const body = h("div", { "data-appointment": cell.id, title }, h("b", {}, cell.patient));
  const minutes = length(cell);
  if (minutes <= SHORT) body.append(h("span", {}, status));
  else if (minutes < MIDDLE) body.append(h("span", {}, status, about ? ` · ${about}` : null));
  else body.append(about ? h("span", {}, about) : "", h("span", {}, status), minutes < LONG ? "" : h("span", {}, timeText));
  return body;
}

/** Columns: the chair with its doctors of the day. */
export function resources({ day }) {
  return day.chairs.map(({ id, name }) => {
    const shifts = day.shifts.filter((shift) => shift.chair_id === id);
    return { id, title: name, extendedProps: { doctors: [...new Set(shifts.map((shift) => shift.doctor))], profession: shifts[0]?.profession } };
  });
}

export function columnHead({ resource }) {
  const { doctors, profession } = resource.extendedProps;
  const first = h("div", {}, h("b", {}, resource.title), profession ? h("small", {}, profession.toLowerCase()) : null);
  return { domNodes: [first, h("div", { class: "p-calendar-doctor" }, doctors.join(", ") || "нет приёма")] };
}

/** First and last hour of the grid: the usual day, widened by whatever stands outside it. */
export function hours({ day }) {
  const all = [...day.shifts, ...day.appointments];
  const first = Math.min(9, ...all.map(({ starts }) => Number(starts.slice(11, 13))));
  const last = Math.max(20, ...all.map(({ ends }) => Number(ends.slice(11, 13)) + (ends.slice(14, 16) === "00" ? 0 : 1)));
  return { slotMinTime: `${first}:00:00`, slotMaxTime: `${last}:00:00` };
}
