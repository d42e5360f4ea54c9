"""Adding, changing and deleting staff members (STAFF-01, STAFF-02, STAFF-03)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from sqlalchemy import delete, func, insert, select, text

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
from prikus.access.people import invite, reissue
from prikus.clinics.models import Branch
from prikus.data.conflicts import flush_unique
from prikus.errors import Conflict, Invalid
from prikus.staff.services import guard
from prikus.ui.forms import stale

Kind = Literal["staff", "doctor"]
KINDS: tuple[tuple[Kind, str], ...] = (("staff", "Сотрудник"), ("doctor", "Врач"))


class MemberFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is kept of a person. `specialities` are a doctor's professions, `professions` everybody else's.

    No branches mean all of them.
    """

    kind: Kind
    last_name: str
    first_name: str
    patronymic: str | None = None
    phone: str | None = None
    birth_date: dt.date | None = None
    gender: Literal["male", "female"] | None = None
    employed_on: dt.date | None = None
    specialities: list[int] = []
    professions: list[int] = []
    groups: list[int] = []
    branches: list[int] = []


class NewMember(MemberFields, kw_only=True):
    """A person to be invited by e-mail."""

    email: str


class ChangedMember(MemberFields, kw_only=True):
    """The same, read at `row_version`."""

    row_version: int


class Added(msgspec.Struct, frozen=True):
    """A new membership. `key` of the one-use link is given once, and only when the account is new."""

    staff_id: int
    name: str
    email: str
    key: str | None


async def add_member(ctx: Context, new: NewMember) -> Added:
    """Make the membership and, for a new account, its one-use link.

    Raises `Invalid` beside the fields, `Denied` when a chosen group gives what the actor lacks.
    """
    ctx.require("staff.member.edit")
    professions = await _check(ctx, new)
    if "@" not in new.email.strip("@"):
        raise Invalid({"email": "Укажите почту: с ней человек будет входить."})
    await guard.may_give_groups(ctx, new.groups)
    try:
        account_id, key = await invite(ctx.db, new.email)
    except Conflict as refusal:
        raise Invalid({"email": refusal.sentence}) from refusal
    member = StaffMember(account_id=account_id, email=new.email.strip().lower())
    _fill(member, new)
    ctx.db.add(member)
    await flush_unique(ctx.db, Invalid({"email": "Человек с этой почтой уже есть среди сотрудников."}))
    await _replace_links(ctx, member.id, professions, new.groups, new.branches)
    name = full_name(member.last_name, member.first_name, member.patronymic)
    await ctx.audit("staff.added", "staff_member", member.id, f"Добавлен сотрудник {name}", after=_recorded(new))
    return Added(member.id, name, member.email or "", key)


async def change_member(ctx: Context, id: int, changed: ChangedMember) -> None:
    """Raises as `add_member` does, and `Conflict` for a stale form or the last full director."""
    ctx.require("staff.member.edit")
    professions = await _check(ctx, changed)
    await guard.lock_rights(ctx)
    member = await ctx.load(StaffMember, id, lock=True)
    if member.row_version != changed.row_version:
        raise stale(changed, member, member.row_version)
    kept = set(await ctx.db.scalars(select(StaffGroup.group_id).where(StaffGroup.staff_id == id)))
    if set(changed.groups) != kept:
        await guard.may_manage(ctx, id)
        await guard.may_give_groups(ctx, set(changed.groups) - kept)
    _fill(member, changed)
    await ctx.db.flush()
    await _replace_links(ctx, id, professions, changed.groups, changed.branches)
    await guard.keep_a_director(ctx)
    await guard.touch(ctx, StaffMember, id)
    await ctx.db.execute(text("select core.bump_state()"))
    name = full_name(member.last_name, member.first_name, member.patronymic)
    await ctx.audit(
        "staff.changed",
        "staff_member",
        id,
        f"Изменён сотрудник {name}",
        before={"groups": sorted(kept)},
        after=_recorded(changed),
    )


async def delete_member(ctx: Context, id: int) -> str:
    """Put into the trash and end every session (STAFF-02). Returns the name; history keeps showing it.

    Raises `Conflict` for oneself and for the last full director, `Denied` for somebody with more rights.
    """
    ctx.require("staff.member.delete")
    if ctx.actor.kind == "staff" and ctx.actor.id == id:
        raise Conflict("Удалить самого себя нельзя: попросите коллегу с таким правом.")
    await guard.lock_rights(ctx)
    member = await ctx.load(StaffMember, id, lock=True)
    await guard.may_manage(ctx, id)
    name = full_name(member.last_name, member.first_name, member.patronymic)
    ctx.soft_delete(member)
    await ctx.db.flush()
    await guard.keep_a_director(ctx)
    await ctx.db.execute(text("select core.close_sessions_of_staff(:id)"), {"id": id})
    await ctx.audit("staff.deleted", "staff_member", id, f"Удалён сотрудник {name}")
    return name


async def restore_member(ctx: Context, member: StaffMember) -> None:
    """The staff's part of restoring from the trash: nobody brings back more rights than they have."""
    await guard.may_manage(ctx, member.id)


async def reissue_link(ctx: Context, id: int) -> Added:
    """A new one-use link for a member without a password; the older ones die. Raises `Denied`, `Conflict`."""
    ctx.require("staff.member.edit")
    member = await ctx.load(StaffMember, id, lock=True)
    await guard.may_manage(ctx, id)
    key = await reissue(ctx.db, id)
    name = full_name(member.last_name, member.first_name, member.patronymic)
    await ctx.audit("staff.link", "staff_member", id, f"Новая ссылка для входа: {name}")
    return Added(id, name, member.email or "", key)


async def _check(ctx: Context, fields: MemberFields) -> list[int]:
    """The professions that fit the kind. Raises `Invalid` naming every field at once."""
    mistakes: dict[str, str] = {}
    place = "specialities" if fields.kind == "doctor" else "professions"
    professions: list[int] = list(dict.fromkeys(getattr(fields, place)))
    if not professions:
        word = "направление врача" if fields.kind == "doctor" else "профессию"
        mistakes[place] = f"Выберите {word}: одно или несколько."
    elif await _missing(ctx, Profession, professions, Profession.kind == fields.kind):
        mistakes[place] = "Этой профессии в справочнике уже нет. Откройте окно ещё раз."
    if await _missing(ctx, PermissionGroup, fields.groups):
        mistakes["groups"] = "Этой группы уже нет. Откройте окно ещё раз."
    if await _missing(ctx, Branch, fields.branches):
        mistakes["branches"] = "Этого филиала уже нет. Откройте окно ещё раз."
    if fields.birth_date and fields.birth_date >= ctx.today():
        mistakes["birth_date"] = "Дата рождения должна быть в прошлом."
    if mistakes:
        raise Invalid(mistakes)
    return professions


async def _missing(ctx: Context, model: Any, ids: list[int], *conditions: Any) -> bool:
    wanted = set(ids)
    if not wanted:
        return False
    query = ctx.visible(model, func.count()).where(model.id.in_(wanted), *conditions)
    return await ctx.db.scalar(query) != len(wanted)


def _fill(member: StaffMember, fields: MemberFields) -> None:
    member.kind = fields.kind
    member.last_name = fields.last_name
    member.first_name = fields.first_name
    member.patronymic = fields.patronymic
    member.sort_name = sort_key(fields.last_name, fields.first_name, fields.patronymic)
    member.phone = fields.phone
    member.birth_date = fields.birth_date
    member.gender = fields.gender
    member.employed_on = fields.employed_on


async def _replace_links(
    ctx: Context, staff_id: int, professions: list[int], groups: list[int], branches: list[int]
) -> None:
    for model, column, wanted in (
        (StaffProfession, "profession_id", professions),
        (StaffGroup, "group_id", groups),
        (StaffBranch, "branch_id", branches),
    ):
        await ctx.db.execute(delete(model).where(model.staff_id == staff_id))
        if wanted:
            await ctx.db.execute(insert(model), [{"staff_id": staff_id, column: id} for id in dict.fromkeys(wanted)])


def _recorded(fields: MemberFields) -> dict[str, object]:
    """What the audit keeps: the membership, not the personal data."""
    return {
        "kind": fields.kind,
        "groups": sorted(fields.groups),
        "professions": sorted({*fields.professions, *fields.specialities}),
        "branches": sorted(fields.branches),
    }
