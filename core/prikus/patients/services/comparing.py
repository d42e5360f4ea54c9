"""What a person looks at before two cards become one."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from prikus.access.context import Context
from prikus.patients.models import Patient, PatientMerge
from prikus.patients.schemas import Card
from prikus.patients.services.card import read_card
from prikus.patients.services.exporting import records_of
from prikus.patients.services.merging import RIGHT, UNDO, refuse_itself
from prikus.patients.services.moving import owner_title
from prikus.patients.services.tracing import count_rows, read_map


class Moving(msgspec.Struct, frozen=True):
    """How many rows of one kind turn to the other card."""

    title: str
    owner: str
    count: int


class Comparison(msgspec.Struct, frozen=True):
    """The card that stays, the one that goes, and what moves."""

    kept: Card
    gone: Card
    moves: list[Moving]


class Past(msgspec.Struct, frozen=True):
    """A merge that can still be undone."""

    id: int
    card_number: int


async def compare_cards(ctx: Context, patient_id: int, other_id: int) -> Comparison:
    """Both cards side by side, and rows of every table that name the other one. Raises `Invalid`, `NotFound`."""
    ctx.require(RIGHT)
    refuse_itself(other_id, patient_id)
    kept, gone = await read_card(ctx, patient_id), await read_card(ctx, other_id)
    counted = await count_rows(ctx.db, (await read_map(ctx.db)).direct(), other_id)
    titles = {str(records.model.__table__.fullname): records.title for records in records_of(ctx)}
    moves = [
        Moving(titles.get(table, "Прочие записи"), owner_title(ctx.system, table.split(".", 1)[0]), count)
        for table, count in counted.items()
    ]
    return Comparison(kept, gone, _summed(moves))


def _summed(moves: list[Moving]) -> list[Moving]:
    """One line for each kind; tables without a name of their own are one kind of their owner."""
    counts: dict[tuple[str, str], int] = {}
    for one in moves:
        counts[one.owner, one.title] = counts.get((one.owner, one.title), 0) + one.count
    return [Moving(title, owner, count) for (owner, title), count in sorted(counts.items())]


async def recent_merges(ctx: Context, patient_id: int) -> tuple[int, list[Past]]:
    """The card's number, and merges into it that can still be undone, newest first. Raises `NotFound`, `Denied`."""
    ctx.require(RIGHT)
    ctx.require("patients.patient.view")
    card = await ctx.load(Patient, patient_id)
    query = (
        select(PatientMerge.id, PatientMerge.gone_card_number)
        .where(
            PatientMerge.patient_id == patient_id,
            PatientMerge.undone_at.is_(None),
            PatientMerge.undo.is_not(None),
            PatientMerge.created_at > ctx.now() - UNDO,
        )
        .order_by(PatientMerge.id.desc())
    )
    return card.card_number, [Past(*row) for row in await ctx.db.execute(query)]
