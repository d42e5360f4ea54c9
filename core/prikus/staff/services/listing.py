"""The list of staff and what its forms offer, read in a constant number of statements."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Select, Text, and_, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.access.context import Context
from prikus.access.models import (
    PermissionGroup,
    Profession,
    StaffBranch,
    StaffGroup,
    StaffMember,
    StaffProfession,
)
from prikus.access.names import full_name, sort_key
from prikus.clinics.models import Branch
from prikus.errors import NotFound
from prikus.ui.programs import Changes, Followed, follow

PAGE = 50


class Wanted(msgspec.Struct, frozen=True):
    """Filters of the list; an empty one is not applied."""

    q: str = ""
    kind: str | None = None
    profession: int | None = None
    group: int | None = None
    status: str | None = None


class Line(msgspec.Struct, frozen=True):
    """A member in the list. `waits` means: invited, no password yet."""

    id: int
    name: str
    kind: str
    phone: str | None
    email: str | None
    professions: list[str]
    groups: list[str]
    branches: list[str]
    waits: bool


class Page(msgspec.Struct, frozen=True):
    lines: list[Line]
    next: str | None


class Choices(msgspec.Struct, frozen=True):
    """What the form offers, as (id, name)."""

    specialities: list[tuple[int, str]]
    professions: list[tuple[int, str]]
    groups: list[tuple[int, str]]
    branches: list[tuple[int, str]]


class Card(msgspec.Struct, frozen=True):
    """A member as the form shows it."""

    id: int
    row_version: int
    kind: str
    last_name: str
    first_name: str
    patronymic: str | None
    email: str | None
    phone: str | None
    birth_date: dt.date | None
    gender: str | None
    employed_on: dt.date | None
    professions: list[int]
    groups: list[int]
    branches: list[int]
    waits: bool


def _waits() -> Any:
    return StaffMember.id.in_(select(func.core.staff_without_password().column_valued("waiting")))


async def list_members(ctx: Context, wanted: Wanted, after: str | None = None) -> Page:
    """Members in the order of their names. `after` is the `next` of the page before."""
    ctx.require("staff.member.view")
    query = ctx.visible(
        StaffMember,
        StaffMember.id,
        StaffMember.last_name,
        StaffMember.first_name,
        StaffMember.patronymic,
        StaffMember.sort_name,
        StaffMember.kind,
        StaffMember.phone,
        StaffMember.email,
        _names(StaffProfession, StaffProfession.profession_id, Profession, Profession.name).label("professions"),
        _names(StaffGroup, StaffGroup.group_id, PermissionGroup, PermissionGroup.title).label("groups"),
        _names(StaffBranch, StaffBranch.branch_id, Branch, Branch.name).label("branches"),
        _waits().label("waits"),
    )
    query = _filtered(query, wanted)
    if after is not None:
        name, _, id = after.rpartition("~")
        if not id.isdecimal():
            raise NotFound("Страница списка устарела. Откройте список заново.")
        query = query.where(
            or_(StaffMember.sort_name > name, and_(StaffMember.sort_name == name, StaffMember.id > int(id)))
        )
    rows = (await ctx.db.execute(query.order_by(StaffMember.sort_name, StaffMember.id).limit(PAGE + 1))).all()
    lines = [
        Line(
            row.id,
            full_name(row.last_name, row.first_name, row.patronymic),
            row.kind,
            row.phone,
            row.email,
            row.professions,
            row.groups,
            row.branches,
            row.waits,
        )
        for row in rows[:PAGE]
    ]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(lines, f"{last.sort_name}~{last.id}" if last else None)


def _names(link: Any, column: Any, target: Any, name: Any) -> Any:
    """Names behind a link table as one array."""
    query = select(name).join_from(link, target, target.id == column).where(link.staff_id == StaffMember.id)
    query = query.where(target.deleted_at.is_(None)).order_by(link.id).correlate(StaffMember)
    return func.array(query.scalar_subquery(), type_=ARRAY(Text))


def _filtered(query: Select[Any], wanted: Wanted) -> Select[Any]:
    for word in wanted.q.split():
        digits = "".join(letter for letter in word if letter.isdigit())
        by_name = StaffMember.sort_name.contains(sort_key(word), autoescape=True)
        query = query.where(or_(by_name, StaffMember.phone.contains(digits)) if digits else by_name)
    if wanted.kind:
        query = query.where(StaffMember.kind == wanted.kind)
    if wanted.profession:
        query = query.where(_has(StaffProfession, StaffProfession.profession_id, wanted.profession))
    if wanted.group:
        query = query.where(_has(StaffGroup, StaffGroup.group_id, wanted.group))
    if wanted.status:
        query = query.where(_waits() if wanted.status == "waits" else ~_waits())
    return query


def _has(link: Any, column: Any, id: int) -> Any:
    return select(link.id).where(link.staff_id == StaffMember.id, column == id).correlate(StaffMember).exists()


async def choices(ctx: Context) -> Choices:
    """Reference lists of the form and the filters: two statements."""
    professions = (
        await ctx.db.execute(
            ctx.visible(Profession, Profession.id, Profession.kind, Profession.name).order_by(
                Profession.position, Profession.id
            )
        )
    ).all()
    groups = await ctx.db.execute(
        ctx.visible(PermissionGroup, PermissionGroup.id, PermissionGroup.title).order_by(PermissionGroup.position)
    )
    return Choices(
        specialities=[(row.id, row.name) for row in professions if row.kind == "doctor"],
        professions=[(row.id, row.name) for row in professions if row.kind == "staff"],
        groups=[(row.id, row.title) for row in groups],
        branches=[(branch.id, branch.name) for branch in ctx.branches],
    )


async def card(ctx: Context, staff_id: int) -> Card:
    """Raises `NotFound` for a missing or deleted member."""
    ctx.require("staff.member.view")
    query = ctx.visible(
        StaffMember,
        StaffMember.id,
        StaffMember.row_version,
        StaffMember.kind,
        StaffMember.last_name,
        StaffMember.first_name,
        StaffMember.patronymic,
        StaffMember.email,
        StaffMember.phone,
        StaffMember.birth_date,
        StaffMember.gender,
        StaffMember.employed_on,
        _ids(StaffProfession, StaffProfession.profession_id),
        _ids(StaffGroup, StaffGroup.group_id),
        _ids(StaffBranch, StaffBranch.branch_id),
        _waits(),
    )
    row = (await ctx.db.execute(query.where(StaffMember.id == staff_id))).one_or_none()
    if row is None:
        raise NotFound()
    return Card(*row)


class MemberChange(Followed, frozen=True, kw_only=True):
    """A member of the staff as programs follow it. No branches mean all of them."""

    kind: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    patronymic: str | None = None
    email: str | None = None
    phone: str | None = None
    birth_date: dt.date | None = None
    gender: str | None = None
    employed_on: dt.date | None = None
    professions: list[int] | None = None
    groups: list[int] | None = None
    branches: list[int] | None = None
    row_version: int | None = None


async def changed_members(ctx: Context, since: str | None, limit: int) -> Changes[MemberChange]:
    """Members in the order of their last change, with the deleted ones. Raises `Invalid` for a strange cursor."""
    ctx.require("staff.member.view")
    links = {
        "professions": _ids(StaffProfession, StaffProfession.profession_id),
        "groups": _ids(StaffGroup, StaffGroup.group_id),
        "branches": _ids(StaffBranch, StaffBranch.branch_id),
    }
    return await follow(ctx, MemberChange, StaffMember, since, limit, columns=links)


class ProfessionLine(msgspec.Struct, frozen=True):
    """A doctor's speciality or a staff position."""

    id: int
    kind: str
    name: str


async def professions(ctx: Context) -> list[ProfessionLine]:
    """All of them in their order."""
    ctx.require("staff.member.view")
    query = ctx.visible(Profession, Profession.id, Profession.kind, Profession.name)
    rows = await ctx.db.execute(query.order_by(Profession.position, Profession.id))
    return [ProfessionLine(*row) for row in rows]


def _ids(link: Any, column: Any) -> Any:
    query = select(column).where(link.staff_id == StaffMember.id).order_by(link.id).correlate(StaffMember)
    return func.array(query.scalar_subquery(), type_=ARRAY(BigInteger))
