"""Reading the trash and taking things out of it, whatever kind of object lies there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from prikus.access.context import Context
from prikus.access.models import StaffMember
from prikus.access.names import short_name
from prikus.data.base import Base, SoftDeleted
from prikus.data.conflicts import flush_unique
from prikus.errors import Conflict, NotFound
from prikus.trash.hookspecs import TrashSection

PAGE = 50
deleter = aliased(StaffMember, name="deleter")


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


class DeletedPage(msgspec.Struct, frozen=True):
    """A page of lines, newest first; `next` is the cursor of the following page."""

    lines: list[Deleted]
    next: str | None


class Buried(msgspec.Struct, frozen=True):
    """A deleted object found for restoring, locked."""

    section: TrashSection
    entity: Any
    name: str


def _visible_sections(ctx: Context) -> list[TrashSection]:
    return sorted(ctx.describe("trash_sections"), key=lambda section: (section.order, section.title))


async def sections(ctx: Context) -> list[SectionCount]:
    """The sections that the actor may see, with counts, in one statement (TRASH-01)."""
    ctx.require("trash.page.view")
    found = _visible_sections(ctx)
    counting = [
        select(literal(s.id), func.count()).select_from(s.model).where(s.model.deleted_at.is_not(None)) for s in found
    ]
    counts = {row[0]: row[1] for row in await ctx.db.execute(union_all(*counting))} if counting else {}
    return [SectionCount(section, counts[section.id]) for section in found]


def section_of(ctx: Context, section_id: str) -> TrashSection:
    """Raises `NotFound` for a section that is off or unknown, `Denied` for one that is not for the actor."""
    ctx.require("trash.page.view")
    known: list[TrashSection] = ctx.system.hooks.describe(ctx, "trash_sections")
    found = next((section for section in known if section.id == section_id), None)
    if found is None:
        raise NotFound("Такого раздела в корзине нет.")
    ctx.require(found.right)
    return found


async def deleted_in(ctx: Context, section: TrashSection, after: str | None = None) -> DeletedPage:
    """Deleted objects of one section, newest first, one statement. `after` is the `next` of the page before."""
    ctx.require("trash.page.view")
    ctx.require(section.right)
    model = section.model
    query = (
        select(
            model.id,
            section.name.label("name"),
            (literal(None) if section.note is None else section.note).label("note"),
            model.deleted_at,
            model.deleted_by_kind,
            deleter.last_name,
            deleter.first_name,
            deleter.patronymic,
        )
        .select_from(model)
        .outerjoin(deleter, and_(model.deleted_by_kind == "staff", deleter.id == model.deleted_by_id))
        .where(model.deleted_at.is_not(None))
        .order_by(model.deleted_at.desc(), model.id.desc())
        .limit(PAGE + 1)
    )
    rows = (await ctx.db.execute(_older_than(query, model, after))).all()
    lines = [Deleted(row.id, row.name, row.note, row.deleted_at, _by(ctx, row)) for row in rows[:PAGE]]
    cursor = f"{lines[-1].at.isoformat()}~{lines[-1].id}" if len(rows) > PAGE else None
    return DeletedPage(lines, cursor)


def _older_than(query: Select[*tuple[Any, ...]], model: Any, after: str | None) -> Select[*tuple[Any, ...]]:
    if after is None:
        return query
    moment, _, id = after.partition("~")
    try:
        at, last_id = dt.datetime.fromisoformat(moment), int(id)
    except ValueError:
        raise NotFound("Страница списка устарела. Откройте раздел заново.") from None
    if at.tzinfo is None:
        raise NotFound("Страница списка устарела. Откройте раздел заново.")
    return query.where(or_(model.deleted_at < at, and_(model.deleted_at == at, model.id < last_id)))


def _by(ctx: Context, row: Any) -> str:
    if row.last_name is not None:
        return short_name(row.last_name, row.first_name, row.patronymic)
    plugin = ctx.system.plugins.get((row.deleted_by_kind or "").removeprefix("plugin:"))
    return f"Модуль «{plugin.title}»" if plugin else "Система"


async def restore(ctx: Context, section_id: str, id: int, *, with_parents: bool = False) -> Buried | list[Buried]:
    """Restore an object (TRASH-02). Returns it, or, when deleted parents must come too, the parents to ask about.

    Raises `Conflict` when its unique name is taken, or when a parent lies in a section that the actor may not see.
    """
    ctx.require("trash.object.restore")
    section = section_of(ctx, section_id)
    buried = await _find(ctx, section, id)
    parents = await _deleted_parents(ctx, buried)
    if parents and not with_parents:
        return parents
    for one in [*reversed(parents), buried]:
        await _revive(ctx, one)
    return buried


async def _find(ctx: Context, section: TrashSection, id: int) -> Buried:
    model = section.model
    query = select(model, section.name).where(model.id == id, model.deleted_at.is_not(None)).with_for_update(of=model)
    row = (await ctx.db.execute(query)).one_or_none()
    if row is None:
        raise NotFound("В корзине этого уже нет: возможно, коллега восстановил раньше.")
    return Buried(section, row[0], row[1])


async def _deleted_parents(ctx: Context, child: Buried) -> list[Buried]:
    """What the object cannot do without and what is deleted too, nearest first."""
    found: list[Buried] = []
    for column, parent in _obligatory_parents(child.section.model):
        id = getattr(child.entity, column)
        is_deleted = await ctx.db.scalar(select(parent.deleted_at.is_not(None)).where(parent.id == id))
        if not is_deleted:
            continue
        section = next((s for s in _visible_sections(ctx) if s.model is parent), None)
        if section is None:
            raise Conflict("Сначала нужно восстановить то, к чему это относится, а на это у вас нет прав.")
        buried = await _find(ctx, section, id)
        found += [buried, *await _deleted_parents(ctx, buried)]
    return found


def _obligatory_parents(model: Any) -> list[tuple[str, Any]]:
    """Attribute and model of each reference that may not be empty and whose target can be deleted."""
    by_table = {mapper.class_.__table__.fullname: mapper.class_ for mapper in Base.registry.mappers}
    found = []
    for key, column in model.__mapper__.columns.items():
        target = by_table.get(column.info.get("ref", ""))
        if target is not None and not column.nullable and issubclass(target, SoftDeleted):
            found.append((key, target))
    return found


async def _revive(ctx: Context, buried: Buried) -> None:
    section, entity = buried.section, buried.entity
    entity.deleted_at = entity.deleted_by_kind = entity.deleted_by_id = None
    await flush_unique(ctx.db, Conflict(section.taken))
    if section.restore is not None:
        await section.restore(ctx, entity)
    await ctx.audit(
        "trash.restored",
        section.model.__tablename__,
        entity.id,
        f"Восстановлено из корзины: {section.title}, «{buried.name}»",
    )
