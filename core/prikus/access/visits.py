"""From a cookie to a person in a clinic: one autocommit look-up a request, the rest by state version."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

import msgspec
from sqlalchemy import or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.actors import Actor
from prikus.access.models import (
    GroupPermission,
    PermissionGroup,
    Profession,
    StaffGroup,
    StaffMember,
    StaffPermission,
    StaffProfession,
)
from prikus.access.names import short_name
from prikus.clinics.state import ClinicState, States
from prikus.data.session import ClinicSession, Scope
from prikus.events.runtime import Runtime

ENTER = text("select * from core.enter(:key, :touch)")
ENTER_KEY = text("select * from core.enter_key(:clinic, :id, :hash)")
TOKEN = re.compile(r"prikus_([1-9][0-9]{0,17})_([1-9][0-9]{0,17})_([A-Za-z0-9_-]{43})")
KEPT = 5000
SWITCH = "settings.module.switch"
NAMED = 3


class Identity(msgspec.Struct, frozen=True):
    """A live session. Without `clinic_id` the person has signed in but not chosen a clinic."""

    session_id: int
    account_id: int
    clinic_id: int | None
    staff_id: int | None
    auth_level: int


class Visit(msgspec.Struct, frozen=True):
    """A person in a clinic, with rights: what the gate and the context are made of."""

    identity: Identity | None
    """Whose session it is; a program with a key has none."""
    clinic: ClinicState
    actor: Actor
    rights: frozenset[str]
    heads: tuple[str, ...] = ()
    """Who may switch modules here, by name: a closed door names them."""

    def can(self, code: str) -> bool:
        return code in self.rights

    @property
    def may_change(self) -> bool:
        return self.clinic.mode == "normal"

    def is_effective(self, owners: tuple[str, ...]) -> bool:
        return self.clinic.is_effective(owners)


def new_key() -> str:
    """A session or link key, 256 bits."""
    return secrets.token_urlsafe(32)


def key_hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


class KeyVisit(msgspec.Struct, frozen=True):
    """A program that came with a key, and how many requests a minute it may make."""

    visit: Visit
    key_id: int
    per_minute: int


def write_token(clinic_id: int, key_id: int, secret: str) -> str:
    """What a program sends as `Authorization: Bearer …`. It says whose it is, so that leaked ones can be told apart."""
    return f"prikus_{clinic_id}_{key_id}_{secret}"


def read_token(token: str) -> dict[str, Any] | None:
    """Values of `core.enter_key`; None for what cannot be a key."""
    found = TOKEN.fullmatch(token)
    return {"clinic": int(found[1]), "id": int(found[2]), "hash": key_hash(found[3])} if found else None


class Visits:
    """Finds visits. Rights and names are kept by the clinic's state version; sessions are read every time."""

    def __init__(self, runtime: Runtime, states: States) -> None:
        self._runtime = runtime
        self._states = states
        self._people: dict[tuple[int, int, int], tuple[Actor, frozenset[str]]] = {}
        self._heads: dict[int, tuple[int, tuple[str, ...]]] = {}

    async def find(self, key: str, *, touch: bool = True) -> tuple[Identity, Visit | None] | None:
        """The identity behind a key and, when a clinic is chosen, the visit. None for a dead or unknown key."""
        async with self._runtime.door.connect() as connection:
            row = (await connection.execute(ENTER, {"key": key_hash(key), "touch": touch})).one_or_none()
        if row is None:
            return None
        identity = Identity(row.session_id, row.account_id, row.clinic_id, row.staff_id, row.auth_level)
        if identity.clinic_id is None or identity.staff_id is None:
            return identity, None
        clinic = await self._states.get(identity.clinic_id, row.state_version)
        actor, rights = await self._person(clinic, identity.staff_id)
        return identity, Visit(identity, clinic, actor, rights, await self._heads_of(clinic))

    async def find_by_api_key(self, token: str) -> KeyVisit | None:
        """The visit of a program: the key's scopes as far as its person holds them now. None for a dead one."""
        place = read_token(token)
        if place is None:
            return None
        async with self._runtime.door.connect() as connection:
            row = (await connection.execute(ENTER_KEY, place)).one_or_none()
        if row is None:
            return None
        clinic = await self._states.get(place["clinic"], row.state_version)
        _, rights = await self._person(clinic, row.staff_id)
        actor = Actor("api_key", place["id"], row.name, "Ключ API")
        visit = Visit(None, clinic, actor, rights & frozenset(row.scopes), await self._heads_of(clinic))
        return KeyVisit(visit, place["id"], row.per_minute)

    async def _heads_of(self, clinic: ClinicState) -> tuple[str, ...]:
        version, names = self._heads.get(clinic.id, (None, ()))
        if version != clinic.version:
            async with ClinicSession(self._runtime.app, Scope(clinic.id)) as db:
                names = await read_heads(db)
            self._heads[clinic.id] = clinic.version, names
        return names

    async def _person(self, clinic: ClinicState, staff_id: int) -> tuple[Actor, frozenset[str]]:
        place = (clinic.id, clinic.version, staff_id)
        known = self._people.get(place)
        if known is None:
            async with ClinicSession(self._runtime.app, Scope(clinic.id)) as db:
                actor = await read_actor(db, staff_id)
                known = actor, await read_rights(db, staff_id)
            if len(self._people) >= KEPT:
                self._people.clear()
            self._people[place] = known
        return known


async def read_actor(db: AsyncSession, staff_id: int) -> Actor:
    """The member as an actor, titled by the first profession or group."""
    person = (
        await db.execute(
            select(StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic).where(
                StaffMember.id == staff_id
            )
        )
    ).one()
    titles = await db.execute(
        union_all(
            select(Profession.name, Profession.id.label("place"))
            .join(StaffProfession, StaffProfession.profession_id == Profession.id)
            .where(StaffProfession.staff_id == staff_id),
            select(PermissionGroup.title, (PermissionGroup.position + 1_000_000_000).label("place"))
            .join(StaffGroup, StaffGroup.group_id == PermissionGroup.id)
            .where(StaffGroup.staff_id == staff_id),
        ).order_by("place")
    )
    return Actor("staff", staff_id, short_name(*person), next((name for name, _ in titles), ""))


async def read_rights(db: AsyncSession, staff_id: int) -> frozenset[str]:
    """Rights of the groups and individual allows, less individual denies: a deny beats every allow (PERM-03)."""
    granted = await db.scalars(
        select(GroupPermission.permission)
        .join(StaffGroup, StaffGroup.group_id == GroupPermission.group_id)
        .join(PermissionGroup, PermissionGroup.id == GroupPermission.group_id)
        .where(StaffGroup.staff_id == staff_id, PermissionGroup.deleted_at.is_(None))
    )
    own = (
        await db.execute(
            select(StaffPermission.permission, StaffPermission.is_allowed).where(StaffPermission.staff_id == staff_id)
        )
    ).all()
    allowed = set(granted) | {code for code, is_allowed in own if is_allowed}
    return frozenset(allowed - {code for code, is_allowed in own if not is_allowed})


async def read_heads(db: AsyncSession) -> tuple[str, ...]:
    """Who may switch modules, «Фамилия И. О.», at most three, by the same rule as `read_rights`."""
    by_group = (
        select(StaffGroup.staff_id)
        .join(GroupPermission, GroupPermission.group_id == StaffGroup.group_id)
        .join(PermissionGroup, PermissionGroup.id == StaffGroup.group_id)
        .where(GroupPermission.permission == SWITCH, PermissionGroup.deleted_at.is_(None))
    )
    own = select(StaffPermission.staff_id).where(StaffPermission.permission == SWITCH)
    people = await db.execute(
        select(StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
        .where(
            StaffMember.deleted_at.is_(None),
            StaffMember.account_id.is_not(None),
            or_(StaffMember.id.in_(by_group), StaffMember.id.in_(own.where(StaffPermission.is_allowed))),
            StaffMember.id.not_in(own.where(~StaffPermission.is_allowed)),
        )
        .order_by(StaffMember.sort_name, StaffMember.id)
        .limit(NAMED)
    )
    return tuple(short_name(*person) for person in people)
