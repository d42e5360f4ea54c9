from prikus.toolkit import Event


class TeaBrewed(Event, frozen=True, kw_only=True):
    """Somebody brewed tea. `strength` over 10 spoils whoever hears of it."""

    name = "tea.brewed"
    tea_id: int
    strength: int = 1
    with_milk: bool = False


class TeaBought(Event, frozen=True, kw_only=True):
    name = "tea.bought"
    tea_id: int
    word: str


class TeaSold(Event, frozen=True, kw_only=True):
    """`word` «порча» spoils whoever hears of it."""

    name = "tea.sold"
    tea_id: int
    word: str
