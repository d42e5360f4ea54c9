"""JSON of the trash: what lies there, and taking it out (API-01)."""

from __future__ import annotations

import msgspec
from litestar import get, post

from prikus.access.context import Context
from prikus.errors import Conflict
from prikus.trash import services
from prikus.ui.programs import Cursor, RowId


class SectionLine(msgspec.Struct, frozen=True):
    """A kind of things and how many of them lie in the trash."""

    id: str
    title: str
    count: int


class Restored(msgspec.Struct, frozen=True):
    """What was taken out."""

    id: int
    name: str


@get("/")
async def get_sections(ctx: Context) -> list[SectionLine]:
    """Разделы корзины."""
    return [SectionLine(one.section.id, one.section.title, one.count) for one in await services.sections(ctx)]


@get("/{section_id:str}")
async def get_deleted(ctx: Context, section_id: str, after: Cursor = None) -> services.DeletedPage:
    """Удалённое, новое сверху, по 50; `next` ответа – это `after` следующей страницы."""
    return await services.deleted_in(ctx, services.section_of(ctx, section_id), after)


@post("/{section_id:str}/{id:int}/restore", status_code=200)
async def restore(ctx: Context, section_id: str, id: RowId, parents: bool = False) -> Restored:
    """Восстановить. 409, если удалено и то, к чему это относится: повторите с parents=true."""
    outcome = await services.restore(ctx, section_id, id, with_parents=parents)
    if isinstance(outcome, list):
        names = "», «".join(one.name for one in outcome)
        raise Conflict(f"Сначала нужно восстановить: «{names}». С parents=true восстановится вместе.")
    return Restored(id, outcome.name)


routes = [get_sections, get_deleted, restore]
