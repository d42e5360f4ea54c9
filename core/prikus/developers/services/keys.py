"""Keys of programs (API-01): issued by a person, never above that person, shown once, replaced without a gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from prikus.access.context import Context
from prikus.access.models import ApiKey, StaffMember
from prikus.access.names import short_name
from prikus.access.visits import key_hash, new_key, write_token
from prikus.data.days import end_of_day
from prikus.errors import Conflict, Denied, Invalid
from prikus.staff.services.rights import section_title, short_title

RIGHT = "developers.key.edit"
INSTANT = dt.timedelta(microseconds=1)
OVERLAP = dt.timedelta(hours=24)
"""How long the old secret works beside the new one."""
LONGEST_NAME = 100
MOST_PER_MINUTE = 3000


class KeyFields(msgspec.Struct, frozen=True, kw_only=True):
    """A new key. It ends with the day `expires_on` of the clinic; without one it has no end."""

    name: str
    scopes: list[str]
    expires_on: dt.date | None = None
    per_minute: int = 300


class Issued(msgspec.Struct, frozen=True):
    """A key with its secret, which is told this once and kept nowhere."""

    id: int
    name: str
    token: str
    previous_until: dt.datetime | None = None


class KeyLine(msgspec.Struct, frozen=True):
    """A key in the list. `state` is `works`, `ended`, `revoked`, or `orphaned`: its person works here no more."""

    id: int
    name: str
    person: str
    state: str
    scopes: list[str]
    per_minute: int
    created_at: dt.datetime
    used_at: dt.datetime | None
    last_day: dt.date | None
    previous_until: dt.datetime | None


class ScopeSection(msgspec.Struct, frozen=True):
    """Rights of one module that the person may give, (code, title)."""

    title: str
    scopes: list[tuple[str, str]]


async def keys(ctx: Context) -> list[KeyLine]:
    """All keys of the clinic: working ones first, the newest first. Raises `Denied`."""
    ctx.require(RIGHT)
    query = select(ApiKey, StaffMember).join(StaffMember, StaffMember.id == ApiKey.staff_id).order_by(ApiKey.id.desc())
    lines = [_line(ctx, key, person) for key, person in await ctx.db.execute(query)]
    return sorted(lines, key=lambda line: line.state != "works")


def _line(ctx: Context, key: ApiKey, person: StaffMember) -> KeyLine:
    now = ctx.now()
    state = "works"
    if key.revoked_at:
        state = "revoked"
    elif person.deleted_at:
        state = "orphaned"
    elif key.expires_at and key.expires_at <= now:
        state = "ended"
    known = ctx.system.permissions
    titles = [known[code].title for code in key.scopes if code in known]
    both = key.previous_until if key.previous_until and key.previous_until > now else None
    last = (key.expires_at - INSTANT).astimezone(ctx.zone()).date() if key.expires_at else None
    name = short_name(person.last_name, person.first_name, person.patronymic)
    return KeyLine(key.id, key.name, name, state, titles, key.per_minute, key.created_at, key.used_at, last, both)


def scopes(ctx: Context) -> list[ScopeSection]:
    """What the actor may give to a key: own rights, without the one that makes keys."""
    ctx.require(RIGHT)
    found: dict[str, list[tuple[str, str]]] = {}
    for permission in ctx.system.permissions.values():
        is_on = permission.section not in ctx.system.plugins or ctx.has(permission.section)
        if permission.code in ctx.rights - {RIGHT} and is_on:
            title = section_title(ctx.system, permission.section)
            found.setdefault(title, []).append((permission.code, short_title(permission.title, title)))
    return [ScopeSection(title, rights) for title, rights in found.items()]


async def issue(ctx: Context, fields: KeyFields) -> Issued:
    """A new key of the actor. Raises `Invalid`; `Denied` for rights that the actor lacks and for programs."""
    person = _person(ctx)
    _check(ctx, fields)
    secret = new_key()
    key = ApiKey(
        name=fields.name.strip(),
        staff_id=person,
        scopes=_given(ctx, fields.scopes),
        secret_hash=key_hash(secret),
        per_minute=fields.per_minute,
        expires_at=_end_of(ctx, fields.expires_on),
    )
    ctx.db.add(key)
    await ctx.db.flush()
    await ctx.audit(
        "api_key.issued", "api_key", key.id, f"Выпущен ключ API «{key.name}».", after={"scopes": key.scopes}
    )
    return Issued(key.id, key.name, write_token(ctx.clinic.id, key.id, secret))


async def rotate(ctx: Context, key_id: int) -> Issued:
    """A new secret; the old one works for a day more, unless its person was dismissed: then it is dead already.

    The key becomes the actor's and keeps only scopes that the actor holds. Raises `Conflict` for a revoked key.
    """
    person = _person(ctx)
    key = await ctx.load(ApiKey, key_id, lock=True)
    if key.revoked_at:
        raise Conflict("Этот ключ отозван: выпустите новый.")
    secret = new_key()
    works = await ctx.db.scalar(ctx.visible(StaffMember, StaffMember.id).where(StaffMember.id == key.staff_id))
    key.previous_hash = key.secret_hash if works else None
    key.previous_until = ctx.now() + OVERLAP if works else None
    key.secret_hash, key.staff_id = key_hash(secret), person
    key.scopes = [code for code in key.scopes if code in ctx.rights]
    await ctx.db.flush()
    await ctx.audit("api_key.rotated", "api_key", key.id, f"Заменён секрет ключа API «{key.name}».")
    return Issued(key.id, key.name, write_token(ctx.clinic.id, key.id, secret), key.previous_until)


async def revoke(ctx: Context, key_id: int) -> str:
    """End a key at once. Returns its name."""
    _person(ctx)
    key = await ctx.load(ApiKey, key_id, lock=True)
    if not key.revoked_at:
        key.revoked_at = ctx.now()
        await ctx.audit("api_key.revoked", "api_key", key.id, f"Отозван ключ API «{key.name}».")
    return key.name


def _person(ctx: Context) -> int:
    ctx.require(RIGHT)
    if ctx.actor.kind != "staff" or ctx.actor.id is None:
        raise Denied("Ключи выпускает, заменяет и отзывает человек, а не программа.")
    return ctx.actor.id


def _check(ctx: Context, fields: KeyFields) -> None:
    mistakes = {}
    if not 1 <= len(fields.name.strip()) <= LONGEST_NAME:
        mistakes["name"] = f"Назовите программу, не длиннее {LONGEST_NAME} знаков."
    if not fields.scopes:
        mistakes["scopes"] = "Отметьте хотя бы одно право."
    if fields.expires_on and fields.expires_on < ctx.today():
        mistakes["expires_on"] = "Этот день уже прошёл."
    if not 1 <= fields.per_minute <= MOST_PER_MINUTE:
        mistakes["per_minute"] = f"От 1 до {MOST_PER_MINUTE}."
    if mistakes:
        raise Invalid(mistakes)


def _given(ctx: Context, codes: Iterable[str]) -> list[str]:
    own = {code for section in scopes(ctx) for code, _ in section.scopes}
    if lacking := sorted(set(codes) - own):
        raise Denied(f"Ключ не может больше того, кто его выпускает. Этих прав у вас нет: {', '.join(lacking)}.")
    return sorted(set(codes))


def _end_of(ctx: Context, day: dt.date | None) -> dt.datetime | None:
    return None if day is None else end_of_day(day, ctx.zone())
