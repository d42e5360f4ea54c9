from prikus.toolkit import Event


class TeaBrewed(Event, frozen=True, kw_only=True):
    """Somebody brewed tea. `strength` over 10 spoils whoever hears of it."""

    name = "tea.brewed"
    tea_id: int
    strength: int = 1
