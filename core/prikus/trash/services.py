"""Reading and emptying the trash, whatever kind of object lies in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import and_, func, literal, select, union_all
from sqlalchemy.exc import IntegrityError

from prikus.access.context import Context
from prikus.access.models import StaffMember
from prikus.access.names import short_name
from prikus.data.base import Base, SoftDeleted
from prikus.errors import Conflict, NotFound
from prikus.trash.hookspecs import TrashSection

PAGE = 50
UNIQUE_VIOLATION = "23505"


class SectionCount(msgspec.Struct, frozen=True):
    """A section and how much lies in it."""

    section: TrashSection
    count: int


class Deleted(msgspec.Struct, frozen=True):
    """A line of the trash: what, when (UTC), by whom."""

    id: int
    name: str
    note: str | None
    at: dt.datetime
    by: str


class Parent(msgspec.Struct, frozen=True):
    """A deleted object without which another cannot come back."""

    kind: str
    name: str


class DeletedPage(msgspec.Struct, frozen=True):
    """A page of lines, newest first; `next` is the cursor of the following page."""

    lines: list[Deleted]
    next: str | None


async def sections(ctx: Context) -> list[SectionCount]:
    """The sections that the actor may see, with counts, in one statement."""
    ctx.require("trash.page.view")
    found: list[TrashSection] = sorted(ctx.describe("trash_sections"), key=lambda s: (s.order, s.title))
    if not found:
        return []
    counting = [
        select(literal(section.id), func.count()).select_from(section.model).where(section.model.deleted_at.is_not(None))
        for section in found
    ]
    counts = {id: count for id, count in await ctx.db.execute(union_all(*counting))}
    return [SectionCount(section, counts[section.id]) for section in found]


def section_of(ctx: Context, section_id: str) -> TrashSection:
    """Raises `NotFound` for a section that is off, unknown or not for the actor."""
    ctx.require("trash.page.view")
    found = next((s for s in ctx.describe("trash_sections") if s.id == section_id), None)
    if found is None:
        raise NotFound("Такого раздела в корзине нет.")
    return found


async def page_of(ctx: Context, section_id: str, after: str | None = None) -> DeletedPage:
    """Deleted objects of one section, one statement. `after` is a cursor of this function's own making."""
    section = section_of(ctx, section_id)
    model = section.model
    query = (
        select(
            model.id,
            section.name.label("name"),
            (literal(None) if section.note is None else section.note).label("note"),
            model.deleted_at,
            model.deleted_by_kind,
            StaffMember.last_name,
            StaffMember.first_name,
            StaffMember.patronymic,
        )
        .select_from(model)
        .order_by(model.deleted_at.desc(), model.id.desc())
        .limit(PAGE + 1)
        .where(model.deleted_at.is_not(None))
    )
    raise NotImplementedError
