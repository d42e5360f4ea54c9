/** The calendar grid, imported by pages that need it as `@prikus/grid`. */
export { createCalendar, destroyCalendar, Interaction, ResourceTimeGrid, TimeGrid } from "@event-calendar/core";
