"""Making one card of two, over every table that the database has, and parting them again (PAT-22)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from prikus.access.context import Context
from prikus.errors import Conflict, Invalid, NotFound
from prikus.patients.events import PatientMerged, PatientParted
from prikus.patients.hookspecs import Merging
from prikus.patients.models import Patient, PatientMerge
from prikus.patients.services.moving import give_way, move, move_back, move_facts, refusal_of, restore_rows
from prikus.patients.services.tracing import read_map

RIGHT = "patients.patient.merge"
UNDO = dt.timedelta(days=30)
FILLED = (
    "home_phone",
    "email",
    "birth_date",
    "gender_id",
    "marketing_channel_id",
    "patient_group_id",
    "coordinator_id",
    "snils",
    "inn",
    "oms_policy_number",
)
GONE = "Этой карточки уже нет: возможно, коллега только что объединил её с другой."


class Merged(msgspec.Struct, frozen=True):
    """The act of a merge and how many rows were turned to the remaining card."""

    merge_id: int
    moved: int


async def merge_patients(ctx: Context, gone_id: int, patient_id: int) -> Merged:
    """`gone_id` becomes part of `patient_id`: everything that referred to it does so no more, and its row is gone.

    That the row goes is the guard: whoever writes something about it at the same time is refused by the foreign key.
    Empty fields of the remaining card are filled. Raises `Conflict` where both have what may exist only once,
    `Invalid`, `NotFound`, `Denied`.
    """
    ctx.require(RIGHT)
    refuse_itself(gone_id, patient_id)
    try:
        async with ctx.lifecycle_unit() as own:
            return await _merge(own, gone_id, patient_id)
    except DBAPIError as error:
        raise refusal_of(ctx.system, error) from error


def refuse_itself(gone_id: int, patient_id: int) -> None:
    """Raise `Invalid` beside the field of the leaving card."""
    if gone_id == patient_id:
        raise Invalid({"other_id": "Выберите другую карточку: эту нельзя объединить с ней же."})


async def _merge(ctx: Context, gone_id: int, patient_id: int) -> Merged:
    cards = await _lock(ctx, gone_id, patient_id)
    gone, kept = cards[gone_id], cards[patient_id]
    whole = await ctx.db.scalar(text("select to_jsonb(p) from core.patient p where id = :id"), {"id": gone_id})
    undo: dict[str, Any] = {"patient": whole, "moved": {}, "dropped": {}}
    await ctx.run_lifecycle("patient_merging", merging=Merging(gone_id, patient_id))
    for reference in (await read_map(ctx.db)).to_patient:
        if dropped := await give_way(ctx, reference, gone_id, patient_id):
            undo["dropped"].setdefault(reference.table, []).extend(dropped)
        if moved := await move(ctx.db, reference, gone_id, patient_id):
            undo["moved"].setdefault(reference.table, {})[reference.column] = moved
    await move_facts(ctx.db, gone_id, patient_id)
    await ctx.db.execute(text("set constraints all immediate"))
    undo["filled"] = _fill(kept, gone)
    await remove_card(ctx, gone)
    merge_id = await _write_act(ctx, gone, kept, undo)
    moved = sum(len(ids) for columns in undo["moved"].values() for ids in columns.values())
    return Merged(merge_id, moved)


async def _lock(ctx: Context, *ids: int) -> dict[int, Patient]:
    """Both cards, locked in one order. Raises `NotFound` for one that is gone, `Conflict` for an erased one."""
    query = ctx.visible(Patient).where(Patient.id.in_(ids)).order_by(Patient.id).with_for_update()
    cards = {card.id: card for card in await ctx.db.scalars(query)}
    if len(cards) < len(ids):
        raise NotFound(GONE)
    if any(card.erased_at for card in cards.values()):
        raise Conflict("Персональные данные одной из карточек стёрты: объединить её нельзя.")
    return cards


async def remove_card(ctx: Context, gone: Patient) -> None:
    """The row itself, so that no reference to it can be made any more."""
    await ctx.db.delete(gone)
    await ctx.db.flush()


def _fill(kept: Patient, gone: Patient) -> dict[str, list[Any]]:
    """Fill what is empty from the other card; answers what each changed field was and is, for parting them again."""
    wanted = {name: getattr(gone, name) for name in FILLED if getattr(kept, name) is None}
    if gone.phone_digits != kept.phone_digits and kept.home_phone is None:
        wanted["home_phone"] = gone.phone
    if gone.comment and gone.comment != kept.comment:
        wanted["comment"] = "\n".join(filter(None, (kept.comment, gone.comment)))
    changed = {name: [getattr(kept, name), value] for name, value in wanted.items() if value is not None}
    for name, (_, value) in changed.items():
        setattr(kept, name, value)
    return changed


async def _write_act(ctx: Context, gone: Patient, kept: Patient, undo: dict[str, Any]) -> int:
    act = PatientMerge(
        gone_id=gone.id, gone_card_number=gone.card_number, patient_id=kept.id, undo=msgspec.to_builtins(undo)
    )
    ctx.db.add(act)
    await ctx.db.flush()
    await ctx.emit(
        PatientMerged(patient_id=kept.id, gone_id=gone.id, gone_card_number=gone.card_number),
        kept,
    )
    await ctx.audit(
        "patient.merged",
        "patient",
        kept.id,
        f"Карта № {gone.card_number:06d} объединена с картой № {kept.card_number:06d}.",
        after={"gone_id": gone.id, "moved": {t: {c: len(i) for c, i in m.items()} for t, m in undo["moved"].items()}},
    )
    ctx.changed("patients.card", gone.id)
    return act.id


async def survivor_of(ctx: Context, gone_id: int) -> int | None:
    """The card that a merged one became part of."""
    return await ctx.db.scalar(
        select(PatientMerge.patient_id).where(PatientMerge.gone_id == gone_id, PatientMerge.undone_at.is_(None))
    )


async def part_patients(ctx: Context, merge_id: int) -> int:
    """Undo a merge within 30 days: rows that moved go back, what came since stays. Answers the id of the other card.

    Raises `Conflict` when it is too late or when what came since stands in the way, `NotFound`, `Denied`.
    """
    ctx.require(RIGHT)
    try:
        async with ctx.lifecycle_unit() as own:
            return await _part(own, merge_id)
    except DBAPIError as error:
        raise refusal_of(ctx.system, error) from error


async def _part(ctx: Context, merge_id: int) -> int:
    act = await ctx.load(PatientMerge, merge_id, lock=True)
    if act.undone_at is not None or act.undo is None:
        raise Conflict("Это объединение уже отменено, или данные карточки стёрты.")
    if ctx.now() - act.created_at > UNDO:
        raise Conflict("Объединение можно отменить только 30 дней.")
    kept = await ctx.load(Patient, act.patient_id, lock=True)
    undo = act.undo
    await restore_rows(ctx.db, "core.patient", [undo["patient"]])
    for table, columns in undo["moved"].items():
        for column, ids in columns.items():
            await move_back(ctx.db, table, column, ids, act.gone_id, kept.id)
    for table, rows in undo["dropped"].items():
        await restore_rows(ctx.db, table, rows)
    _empty(kept, undo["filled"])
    act.undone_at = ctx.now()
    await ctx.db.execute(text("set constraints all immediate"))
    await ctx.emit(
        PatientParted(patient_id=kept.id, other_id=act.gone_id, other_card_number=act.gone_card_number), kept
    )
    words = f"Отменено объединение карты № {act.gone_card_number:06d} с картой № {kept.card_number:06d}."
    await ctx.audit("patient.parted", "patient", kept.id, words)
    return act.gone_id


def _empty(kept: Patient, filled: dict[str, list[Any]]) -> None:
    """Take back what was filled, unless somebody changed it since."""
    for name, (before, after) in filled.items():
        if msgspec.to_builtins(getattr(kept, name)) == after:
            setattr(kept, name, before)
