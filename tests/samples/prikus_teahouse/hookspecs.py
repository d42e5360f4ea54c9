from __future__ import annotations

from prikus.toolkit import Context, hookspec


@hookspec("describe", title="чаи дня")
def teas_of_day() -> list[str]:
    """Names for the board, when the page is drawn."""
    raise NotImplementedError


@hookspec("ask")
async def may_brew(ctx: Context, tea: str) -> str | None:
    """Asked before tea is brewed; a remark, or None."""
    raise NotImplementedError


@hookspec("ask", title="можно ли подать чай", veto=True)
async def may_serve(ctx: Context, tea: str) -> str | None:
    """Asked before tea is served; a sentence refuses."""
    raise NotImplementedError
