"""HTML of the calendar: the day, the panels, the box in the patient's card."""

from prikus_calendar.pages import appointments, grid, shifts

routes = [*grid.routes, *appointments.routes, *shifts.routes]
