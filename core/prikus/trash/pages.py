"""«Корзина»: sections of deleted objects and the green arrow."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from prikus.access.context import Context
from prikus.trash import services
from prikus.ui.render import done, fragment, page, redirect

CHANGED = "trash-changed"


@get("/", include_in_schema=False)
async def first_section(ctx: Context) -> Response[str]:
    """Leads to the first section in which something lies."""
    found = await services.sections(ctx)
    if not found:
        return page(ctx, "trash/list.html", sections=[], shown=None, deleted=None)
    chosen = next((item for item in found if item.count), found[0])
    return redirect(ctx, f"/trash/{chosen.section.id}")


@get("/{section_id:str}", include_in_schema=False)
async def section(ctx: Context, section_id: str, after: str | None = None) -> Response[str]:
    shown = services.section_of(ctx, section_id)
    return page(
        ctx,
        "trash/list.html",
        block="lists",
        sections=await services.sections(ctx),
        shown=shown,
        deleted=await services.deleted_in(ctx, shown, after),
    )


@post("/{section_id:str}/{id:int}/restore", status_code=200, include_in_schema=False)
async def restore(
    request: Request[Any, Any, Any], ctx: Context, section_id: str, id: int, parents: bool = False
) -> Response[str]:
    """The green arrow. Deleted parents are asked about before anything changes (TRASH-02)."""
    outcome = await services.restore(ctx, section_id, id, with_parents=parents)
    if isinstance(outcome, list):
        question = fragment(ctx, "trash/parents.html", "question", parents=outcome, action=request.url.path)
        question.headers["HX-Retarget"] = "#dialog"
        return question
    return done(f"Восстановлено: {outcome.name}", CHANGED)


routes = [first_section, section, restore]
