"""Choice lists of a patient's form."""

from __future__ import annotations

import msgspec
from sqlalchemy import Executable, Integer, Text, cast, literal, null, union_all

from prikus.access.context import Context
from prikus.access.models import StaffMember
from prikus.access.names import short_name
from prikus.patients.schemas import Card
from prikus.references.models import Gender, MarketingChannel, PatientGroup

Options = list[tuple[int, str]]


class Choices(msgspec.Struct, frozen=True):
    """Living rows of the clinic's reference books and its staff, as (id, text)."""

    genders: Options
    channels: Options
    groups: Options
    coordinators: Options


async def read_choices(ctx: Context, card: Card | None = None) -> Choices:
    """All four lists in one statement. What the card holds stays a choice even when it is deleted since."""
    books = [
        ctx.visible(model, literal(place, Integer), model.id, model.name, cast(null(), Text), cast(null(), Text))
        for place, model in enumerate((Gender, MarketingChannel, PatientGroup))
    ]
    people = ctx.visible(
        StaffMember,
        literal(len(books), Integer),
        StaffMember.id,
        StaffMember.last_name,
        StaffMember.first_name,
        StaffMember.patronymic,
    )
    query: Executable = union_all(*books, people)
    found: list[Options] = [[], [], [], []]
    for row in await ctx.db.execute(query):
        place, id, *name = tuple(row)
        found[place].append((id, short_name(*name) if place == len(books) else name[0]))
    if card is not None:
        _keep(found, card)
    genders, channels, groups, coordinators = found
    return Choices(
        sorted(genders), sorted(channels), sorted(groups), sorted(coordinators, key=lambda one: one[1].lower())
    )


def _keep(found: list[Options], card: Card) -> None:
    held = (
        (card.gender_id, card.gender),
        (card.marketing_channel_id, card.channel),
        (card.patient_group_id, card.group),
        (card.coordinator_id, card.coordinator),
    )
    for options, (id, name) in zip(found, held, strict=True):
        if id is not None and name is not None and id not in dict(options):
            options.append((id, name))
