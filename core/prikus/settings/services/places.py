"""Branches, chairs and the legal entity of a clinic (REF-55, CAL-07, ROAD-01, ORG-01)."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select, text

from prikus.access.context import Context
from prikus.clinics.models import Branch, Chair, LegalEntity
from prikus.data.conflicts import flush_unique
from prikus.errors import Invalid, NotFound
from prikus.settings.services import zones
from prikus.ui.forms import stale


class ChairLine(msgspec.Struct, frozen=True):
    id: int
    name: str
    row_version: int


class BranchCard(msgspec.Struct, frozen=True):
    """A branch with its chairs in the order of the timetable. Without `time_zone` it lives by the clinic's."""

    id: int
    row_version: int
    name: str
    address: str | None
    phone: str | None
    time_zone: str | None
    chairs: list[ChairLine]


class BranchFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    row_version: int
    name: str
    address: str | None = None
    phone: str | None = None
    time_zone: str | None = None


class ChairName(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Organization(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Legal data as they stand on papers. One entity is made with the clinic."""

    row_version: int
    full_name: str
    short_name: str
    inn: str | None = None
    kpp: str | None = None
    ogrn: str | None = None
    address: str | None = None
    phone: str | None = None
    licence: str | None = None


LENGTHS = {"inn": (10, 12), "kpp": (9,), "ogrn": (13, 15)}


async def branches(ctx: Context) -> list[BranchCard]:
    """Every branch with its chairs, two statements."""
    ctx.require("clinics.place.view")
    chairs: dict[int, list[ChairLine]] = {}
    query = ctx.visible(Chair, Chair.branch_id, Chair.id, Chair.name, Chair.row_version)
    for row in await ctx.db.execute(query.order_by(Chair.position, Chair.id)):
        chairs.setdefault(row.branch_id, []).append(ChairLine(row.id, row.name, row.row_version))
    rows = await ctx.db.execute(
        ctx.visible(
            Branch, Branch.id, Branch.row_version, Branch.name, Branch.address, Branch.phone, Branch.time_zone
        ).order_by(Branch.id)
    )
    return [
        BranchCard(row.id, row.row_version, row.name, row.address, row.phone, row.time_zone, chairs.get(row.id, []))
        for row in rows
    ]


async def branch(ctx: Context, branch_id: int) -> BranchCard:
    found = next((card for card in await branches(ctx) if card.id == branch_id), None)
    if found is None:
        raise NotFound()
    return found


async def chair(ctx: Context, chair_id: int) -> tuple[BranchCard, str]:
    """The branch of a chair, and the chair's name."""
    for card in await branches(ctx):
        for line in card.chairs:
            if line.id == chair_id:
                return card, line.name
    raise NotFound()


async def change_branch(ctx: Context, branch_id: int, fields: BranchFields) -> None:
    """Raises `Invalid` for a taken name or unknown zone, `Conflict` for a stale form."""
    ctx.require("clinics.place.edit")
    zones.check(fields.time_zone)
    entity = await ctx.load(Branch, branch_id, lock=True)
    if entity.row_version != fields.row_version:
        raise stale(fields, entity, entity.row_version)
    before = _recorded(entity)
    entity.name, entity.address, entity.phone = fields.name, fields.address, fields.phone
    entity.time_zone = fields.time_zone
    await flush_unique(ctx.db, Invalid({"name": "Филиал с таким названием уже есть."}))
    await _announce(ctx)
    await ctx.audit(
        "branch.changed", "branch", branch_id, f"Изменён филиал «{entity.name}»", before=before, after=_recorded(entity)
    )


def _recorded(entity: Branch) -> dict[str, object]:
    return {"name": entity.name, "address": entity.address, "phone": entity.phone, "time_zone": entity.time_zone}


async def set_time_zone(ctx: Context, zone: str) -> None:
    """The zone of the clinic and of every branch without its own. Instants stay as they are, in UTC (ROAD-01)."""
    ctx.require("clinics.place.edit")
    zones.check(zone)
    await ctx.db.execute(text("select core.set_time_zone(:zone)"), {"zone": zone})
    ctx.changed("core.places")
    await ctx.audit(
        "clinic.time_zone",
        "clinic",
        ctx.clinic.id,
        f"Часовой пояс клиники: {zone}",
        before={"time_zone": ctx.clinic.time_zone},
        after={"time_zone": zone},
    )


async def add_chair(ctx: Context, branch_id: int, name: str) -> int:
    """A chair at the end of the branch's list. Raises `Invalid` for a taken name."""
    ctx.require("clinics.place.edit")
    await ctx.load(Branch, branch_id, lock=True)
    last = await ctx.db.scalar(ctx.visible(Chair, func.max(Chair.position)).where(Chair.branch_id == branch_id))
    chair = Chair(branch_id=branch_id, name=name, position=(last or 0) + 1)
    ctx.db.add(chair)
    await flush_unique(ctx.db, Invalid({"name": "Кресло с таким названием в этом филиале уже есть."}))
    await _announce(ctx)
    await ctx.audit("chair.added", "chair", chair.id, f"Добавлено кресло «{name}»", after={"branch": branch_id})
    return chair.id


async def rename_chair(ctx: Context, chair_id: int, name: str) -> None:
    """Raises `Invalid` for a taken name."""
    ctx.require("clinics.place.edit")
    chair = await ctx.load(Chair, chair_id, lock=True)
    before, chair.name = chair.name, name
    await flush_unique(ctx.db, Invalid({"name": "Кресло с таким названием в этом филиале уже есть."}))
    await _announce(ctx)
    await ctx.audit("chair.changed", "chair", chair_id, f"Кресло «{before}» теперь «{name}»")


async def move_chair(ctx: Context, chair_id: int, step: int) -> None:
    """One place up (-1) or down (1) among the chairs of its branch; at the end nothing changes."""
    ctx.require("clinics.place.edit")
    moved = await ctx.load(Chair, chair_id)
    await ctx.load(Branch, moved.branch_id, lock=True)
    query = ctx.visible(Chair).where(Chair.branch_id == moved.branch_id).order_by(Chair.position, Chair.id)
    chairs = list(await ctx.db.scalars(query.with_for_update()))
    place = chairs.index(moved)
    target = min(max(place + step, 0), len(chairs) - 1)
    chairs.insert(target, chairs.pop(place))
    for position, chair in enumerate(chairs):
        chair.position = position
    await _announce(ctx)


async def delete_chair(ctx: Context, chair_id: int) -> str:
    """Into the trash; what was booked there keeps the name. Returns the name."""
    ctx.require("clinics.place.edit")
    chair = await ctx.load(Chair, chair_id, lock=True)
    ctx.soft_delete(chair)
    await ctx.db.flush()
    await _announce(ctx)
    await ctx.audit("chair.deleted", "chair", chair_id, f"Удалено кресло «{chair.name}»")
    return chair.name


async def restore_chair(ctx: Context, chair: Chair) -> None:
    """The chair's part of restoring from the trash: open timetables look again."""
    await _announce(ctx)


async def _announce(ctx: Context) -> None:
    """Branches are part of the clinic's state; open timetables refetch their columns."""
    await ctx.db.execute(text("select core.bump_state()"))
    ctx.changed("core.places")


async def organization(ctx: Context) -> LegalEntity:
    """The clinic's one legal entity; nobody chooses it while there is only one (ORG-01)."""
    ctx.require("settings.page.view")
    query = ctx.visible(LegalEntity).order_by(LegalEntity.id).limit(1)
    return (await ctx.db.scalars(query)).one()


async def change_organization(ctx: Context, fields: Organization) -> None:
    """Raises `Invalid` for numbers of a wrong length, `Conflict` for a stale form."""
    ctx.require("settings.organization.edit")
    entity = await ctx.db.scalar(
        select(LegalEntity).where(LegalEntity.id == (await organization(ctx)).id).with_for_update()
    )
    assert entity is not None
    if entity.row_version != fields.row_version:
        raise stale(fields, entity, entity.row_version)
    mistakes = {
        name: f"Должно быть {' или '.join(map(str, lengths))} цифр."
        for name, lengths in LENGTHS.items()
        if (value := getattr(fields, name)) and not (value.isascii() and value.isdigit() and len(value) in lengths)
    }
    if mistakes:
        raise Invalid(mistakes)
    values = {name: value for name, value in msgspec.structs.asdict(fields).items() if name != "row_version"}
    before = {name: getattr(entity, name) for name in values}
    for name, value in values.items():
        setattr(entity, name, value)
    await ctx.db.flush()
    await ctx.audit(
        "organization.changed", "legal_entity", entity.id, "Изменены данные организации", before=before, after=values
    )
