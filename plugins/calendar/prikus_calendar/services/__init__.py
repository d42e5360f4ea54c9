"""The work of the calendar: booking, statuses, working time, reading a day."""
