import { createCalendar, Interaction, ResourceTimeGrid } from "@prikus/grid";
import { ask, htmx, live, openPanel, send, toast } from "@prikus/ui";
import { columnHead, eventContent, gridEvents, hours, resources } from "./events.js";
import { openMenu } from "./menu.js";
import { h, timeOf, wall } from "./parts.js";

const API = "/api/v1/calendar";
const DESK = matchMedia("(width >= 768px)");
const LONG_PRESS = 400;
const REMEMBERED = 50;
const TICK = 20000;
const TABLE_ROLES = ["table", "grid", "rowgroup", "row", "cell", "columnheader"].map((role) => `[role=${role}]`).join();

/** The grid chairs × time of one day. Data comes from the page and, after every change, from the API: one request each. */
class CalendarDay extends HTMLElement {
  connectedCallback() {
    DESK.addEventListener("change", () => location.reload());
    if (!DESK.matches) return;
    document.querySelector(".p-calendar-agenda")?.remove();
    Object.assign(this, JSON.parse(this.dataset.start));
    this.own = [];
    this.held = [];
    this.draw();
    this.listen();
    this.showHall();
    this.tick();
    this.clock = setInterval(() => this.tick(), TICK);
  }

  disconnectedCallback() {
    this.deaf?.();
    clearInterval(this.clock);
  }

  /** Writes the time of the branch beside the line of now. */
  tick() {
    const now = new Date().toLocaleTimeString("ru", { ...time, timeZone: this.day.time_zone });
    this.querySelector(".ec-now-indicator")?.setAttribute("data-now", now);
  }

  draw() {
    const { date, utc_offset } = this.day;
    const shared = { slotDuration: "00:15", slotHeight: 18, slotLabelInterval: "01:00", snapDuration: "00:15", slotLabelFormat: time, eventTimeFormat: time };
    this.calendar = createCalendar(this, [ResourceTimeGrid, Interaction], {
      view: "resourceTimeGridDay",
      date,
      timeZone: utc_offset,
      locale: "ru",
      firstDay: 1,
      height: "100%",
      headerToolbar: { start: "", center: "", end: "" },
      allDaySlot: false,
      nowIndicator: true,
      slotEventOverlap: false,
      columnWidth: "minmax(120px, 1fr)",
      longPressDelay: LONG_PRESS,
      scrollTime: this.firstShown(),
      ...shared,
      ...hours(this),
      resources: resources(this),
      events: gridEvents(this),
      resourceLabelContent: columnHead,
      eventContent,
      editable: true,
      selectable: this.mode === "patients" ? this.can.create : this.can.shifts,
      selectConstraint: (info) => this.mode === "doctors" || Boolean(this.shiftAt(info)),
      select: (info) => this.selected(info),
      eventClick: (info) => this.clicked(info),
      eventDragStart: () => (this.busy = true),
      eventResizeStart: () => (this.busy = true),
      eventDragStop: () => this.released(),
      eventResizeStop: () => this.released(),
      eventDrop: (info) => this.dropped(info),
      eventResize: (info) => this.resized(info),
    });
    this.plain();
  }

  /** The library calls its grid a table, but appointments are no cells: for a screen reader they are a group of buttons. */
  plain() {
    for (const part of this.querySelectorAll(TABLE_ROLES)) {
      for (const name of ["role", "aria-colindex", "aria-colspan"]) part.removeAttribute(name);
    }
  }

  /** The grid opens an hour before now today, else at the first working hour. */
  firstShown() {
    const now = new Intl.DateTimeFormat("sv", { timeZone: this.day.time_zone, dateStyle: "short", timeStyle: "short" }).format(new Date());
    const [date, time] = now.split(" ");
    if (date === this.day.date) return `${String(Math.max(0, Number(time.slice(0, 2)) - 2)).padStart(2, "0")}:00:00`;
    return this.day.shifts.length ? `${timeOf(this.day.shifts[0].starts)}:00` : "09:00:00";
  }

  listen() {
    const id = `${this.day.branch_id}:${this.day.date}`;
    this.deaf = live.on("calendar.day", (change) => {
      if (change.id !== undefined && change.id !== id) return;
      if (this.sending) this.held.push(change.version);
      else this.heard([change.version]);
    });
    document.body.addEventListener("calendar-changed", ({ detail }) => this.saved(detail));
    document.addEventListener("panel-closed", () => this.calendar.unselect());
    this.addEventListener("dblclick", ({ target }) => this.openCard(this.cellOf(target)));
    this.addEventListener("contextmenu", (event) => this.context(event));
    this.addEventListener("keydown", (event) => this.key(event));
  }

  // --- fresh data

  /** Looks again, once, unless every word is about a change of our own that was fetched already. */
  heard(versions) {
    if (versions.some((version) => !version || !this.own.includes(version))) this.refetch();
  }

  /** Our own change comes back on the live channel too, perhaps before the answer: it is not fetched twice. */
  saved({ change }) {
    if (change) this.own = [...this.own, change].slice(-REMEMBERED);
    return this.refetch();
  }

  released() {
    this.busy = false;
    if (this.late) queueMicrotask(() => this.refetch());
  }

  async refetch() {
    this.late = this.busy || this.fetching;
    if (this.late) return;
    this.fetching = true;
    try {
      this.day = await send(`${API}/day?date=${this.day.date}&branch=${this.day.branch_id}`);
      this.show();
    } catch (error) {
      toast(error.message, { kind: "miss" });
    } finally {
      this.fetching = false;
    }
    if (this.late) await this.refetch();
  }

  show() {
    if (this.busy) return void (this.late = true);
    const focused = this.markOf(document.activeElement);
    for (const [name, value] of Object.entries({ ...hours(this), resources: resources(this), events: gridEvents(this) })) this.calendar.setOption(name, value);
    queueMicrotask(() => this.drawn(focused));
    document.querySelector("[data-summary]").textContent = this.day.summary;
    this.showHall();
  }

  /** The library draws every event as a new element: without this a hand on the keyboard would lose its appointment at each change of a colleague. */
  drawn(focused) {
    this.plain();
    if (document.activeElement === document.body) this.marked(focused)?.focus({ preventScroll: true });
  }

  showHall() {
    const waiting = this.day.appointments.filter((cell) => cell.meaning === "waiting");
    const hall = document.querySelector("[data-hall]");
    hall.hidden = waiting.length === 0;
    hall.querySelector("[data-hall-count]").textContent = waiting.length;
    hall.querySelector("[data-hall-list]").replaceChildren(...waiting.map((cell) => h("li", {}, h("span", { class: "ui-dot ui-wait" }), h("div", {}, h("a", { href: `/patients/${cell.patient_id}` }, cell.patient), h("small", {}, `${cell.doctor}, ${timeOf(cell.starts)}`)))));
  }

  // --- finding

  /** What finds the element of an appointment or a shift again after the grid was drawn anew. */
  markOf(target) {
    if (!this.contains(target)) return null;
    const { appointment, shift } = target.closest(".ec-event")?.querySelector("[data-appointment], [data-shift]")?.dataset ?? {};
    if (appointment) return `[data-appointment="${appointment}"]`;
    return shift ? `[data-shift="${shift}"]` : null;
  }

  marked(mark) {
    return mark && this.querySelector(mark)?.closest(".ec-event");
  }

  cellOf(target) {
    const id = Number(target.closest?.(".ec-event")?.querySelector("[data-appointment]")?.dataset.appointment);
    return this.day.appointments.find((cell) => cell.id === id);
  }

  shiftOf(target) {
    const id = Number(target.closest?.(".ec-event")?.querySelector("[data-shift]")?.dataset.shift);
    return this.day.shifts.find((shift) => shift.id === id);
  }

  /** The working time that holds a stretch of a column. */
  shiftAt({ start, end, resource }) {
    const [from, to] = [wall(start).time, wall(end).time];
    return this.day.shifts.find((shift) => shift.chair_id === Number(resource.id) && timeOf(shift.starts) <= from && to <= timeOf(shift.ends));
  }

  // --- creating

  selected(info) {
    const [{ date, time: starts }, { time: ends }] = [wall(info.start), wall(info.end)];
    const query = new URLSearchParams({ date, starts, ends });
    if (this.mode === "doctors") return openPanel(`/calendar/shifts/new?${query}&chair_id=${info.resource.id}`);
    query.set("shift_id", this.shiftAt(info).id);
    return openPanel(`/calendar/appointments/new?${query}`);
  }

  // --- moving

  place(event) {
    const [{ date, time: starts }, { time: ends }] = [wall(event.start), wall(event.end)];
    return { chair_id: Number(event.resourceIds[0]), date, starts: `${starts}:00`, ends: `${ends}:00` };
  }

  async dropped({ event, revert }) {
    const { cell, shift } = event.extendedProps;
    const place = this.place(event);
    if (shift) return this.change(`shifts/${shift.id}/move`, place, { of: shift, revert, text: "Рабочее время перенесено" });
    const taker = this.shiftAt({ start: event.start, end: event.end, resource: { id: place.chair_id } });
    if (taker && taker.doctor_id !== cell.doctor_id) {
      const yes = await ask(`Сменить врача на ${taker.doctor}?`, { text: `${cell.patient}: вместо врача ${cell.doctor} примет ${taker.doctor}.`, action: "Сменить врача", cancel: "Оставить как было", iconName: "user-check" });
      if (!yes) return revert();
    }
    const path = `appointments/${cell.id}/move`;
    const back = { chair_id: cell.chair_id, doctor_id: cell.doctor_id, date: cell.date, starts: cell.starts.slice(11), ends: cell.ends.slice(11) };
    const undo = () => this.change(path, back, { of: cell, text: "Возвращено как было" });
    await this.change(path, { ...place, doctor_id: taker?.doctor_id ?? cell.doctor_id }, { of: cell, revert, text: `${cell.patient}: ${span(place)}`, undo });
  }

  async resized({ event, revert }) {
    const { cell, shift } = event.extendedProps;
    const place = this.place(event);
    if (shift) return this.change(`shifts/${shift.id}/move`, place, { of: shift, revert, text: "Рабочее время изменено" });
    await this.change(`appointments/${cell.id}/resize`, { ends: place.ends }, { of: cell, revert, text: `${cell.patient}: ${span(place)}` });
  }

  /** Changes are sent one after another, so that a quick hand does not make its own change stale. */
  change(path, body, options) {
    this.turn = (this.turn ?? Promise.resolve()).then(() => this.sendChange(path, body, options));
    return this.turn;
  }

  /**
   * A refusal puts the grid back and says why; a stale one shows what the colleague saved, and «Записать моё» puts ours
   * over it, without «Вернуть», which `undo` makes: what it would bring back is not what the colleague saved.
   */
  async sendChange(path, body, { of, revert, text, undo }) {
    const shown = this.shown(of);
    try {
      const saved = await this.post(path, { row_version: shown.row_version, ...body });
      shown.row_version = saved.row_version;
      await this.saved(saved);
      toast(text, undo ? { label: "Вернуть", act: undo } : {});
    } catch (error) {
      revert?.();
      const mine = error.version && { label: "Записать моё", act: () => this.change(path, { ...body, row_version: error.version }, { of, text }) };
      const words = mine ? error.message : (Object.values(error.fields ?? {})[0] ?? error.message);
      toast(words, { kind: "miss", ...mine });
      if (error.status === 409 || error.status === 404) await this.refetch();
    }
  }

  /** An appointment or a shift as it was fetched last. */
  shown(one) {
    const all = "patient_id" in one ? this.day.appointments : this.day.shifts;
    return all.find(({ id }) => id === one.id) ?? one;
  }

  async post(path, body) {
    this.sending = true;
    try {
      return await send(`${API}/${path}`, { method: "POST", body });
    } finally {
      this.sending = false;
      queueMicrotask(() => this.heard(this.held.splice(0)));
    }
  }

  // --- menus and keys

  clicked({ el, jsEvent }) {
    if (jsEvent.type === "keydown" || jsEvent.pointerType === "touch") this.openMenuAt(el);
  }

  context(event) {
    const found = event.target.closest(".ec-event");
    if (!found || !(this.cellOf(found) || this.shiftOf(found))) return;
    event.preventDefault();
    const open = () => this.openMenuAt(found, event.clientX && { x: event.clientX, y: event.clientY });
    // Where the menu is asked for at the press, letting the button go would close it again.
    if (event.buttons) document.addEventListener("pointerup", () => setTimeout(open), { once: true });
    else open();
  }

  openMenuAt(el, point) {
    const { left, top } = el.getBoundingClientRect();
    const mark = this.markOf(el);
    const at = { ...(point || { x: left + 12, y: top + 12 }), opener: () => this.marked(mark) };
    const cell = this.cellOf(el);
    if (cell) this.appointmentMenu(cell, at);
    else if (this.shiftOf(el)) this.shiftMenu(this.shiftOf(el), at);
  }

  appointmentMenu(cell, at) {
    const { can } = this;
    const items = [
      can.card && { text: "Открыть карту", iconName: "external-link", hint: "2 щелчка", act: () => this.openCard(cell) },
      can.edit && { text: "Статусы приёма", iconName: "progress-check", hint: "1–9", act: () => this.statusMenu(cell, at) },
      can.edit && cell.meaning !== "cancelled" && { text: "Перенести пациента", iconName: "calendar-event", act: () => openPanel(`/calendar/appointments/${cell.id}/move`) },
    ].filter(Boolean);
    if (can.cancel && cell.meaning !== "cancelled") items.push(null, { text: "Удалить", iconName: "trash", hint: "Del", danger: true, act: () => this.question(`appointments/${cell.id}/cancel`) });
    openMenu({ ...at, label: `Действия с приёмом: ${cell.patient}`, items });
  }

  statusMenu(cell, at) {
    const items = this.statuses.map((status, index) => ({
      text: status.name,
      dot: status.colour,
      hint: String(index + 1),
      checked: status.id === cell.status_id,
      act: () => this.setStatus(cell, status),
    }));
    setTimeout(() => openMenu({ ...at, label: "Статусы приёма", items }));
  }

  shiftMenu(shift, at) {
    if (!this.can.shifts) return;
    const items = [{ text: "Удалить", iconName: "trash", hint: "Del", danger: true, act: () => this.question(`shifts/${shift.id}/delete`) }];
    openMenu({ ...at, label: `Рабочее время: ${shift.doctor}`, items });
  }

  setStatus(cell, status) {
    return this.change(`appointments/${cell.id}/status`, { status_id: status.id }, { of: cell, text: `${cell.patient}: ${status.name}` });
  }

  question(path) {
    return htmx.ajax("GET", `/calendar/${path}`, { target: "#dialog", swap: "innerHTML" });
  }

  openCard(cell) {
    if (cell && this.can.card) location.assign(`/patients/${cell.patient_id}`);
  }

  key(event) {
    const found = event.target.closest(".ec-event");
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    const [cell, shift] = [this.cellOf(found), this.shiftOf(found)];
    const status = /^(Digit|Numpad)[1-9]$/.test(event.code) && this.statuses[Number(event.code.at(-1)) - 1];
    if (event.code === "ContextMenu" || (event.code === "F10" && event.shiftKey)) this.openMenuAt(found);
    else if (event.code === "Delete" && cell && this.can.cancel) this.question(`appointments/${cell.id}/cancel`);
    else if (event.code === "Delete" && shift && this.can.shifts) this.question(`shifts/${shift.id}/delete`);
    else if (status && cell && this.can.edit) this.setStatus(cell, status);
    else return;
    event.preventDefault();
  }
}

const span = ({ starts, ends }) => `${starts.slice(0, 5)}–${ends.slice(0, 5)}`;
const time = { hour: "2-digit", minute: "2-digit" };

customElements.define("calendar-day", CalendarDay);
