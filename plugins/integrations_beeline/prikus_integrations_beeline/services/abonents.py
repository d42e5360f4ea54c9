"""Who the people of an exchange are: fetched now and then, asked for with every event."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Context, OpenConnection
from prikus_integrations_beeline.models import Abonent
from prikus_integrations_beeline.schemas import AbonentSaid
from prikus_integrations_beeline.services.client import Portal
from prikus_integrations_beeline.settings import Settings
from prikus_telephony.public import Telephone, know_telephones


async def refresh(outside: Context, connection: OpenConnection[Settings], beeline: Portal) -> int:
    """Keep what the exchange says of its people; how many they are."""
    found = (await beeline.ask("GET", "/abonents")).json(list[AbonentSaid])
    async with outside.unit() as own:
        mine = Abonent.connection_id == connection.id
        known = [one.user_id for one in found]
        await own.db.execute(delete(Abonent).where(mine, Abonent.user_id.not_in(known)))
        for one in found:
            said = {"extension": one.extension or None, "phone": digits(one.phone)}
            row = insert(Abonent).values(connection_id=connection.id, user_id=one.user_id, **said)
            await own.db.execute(row.on_conflict_do_update(index_elements=_KEY, set_=said))
        desks = [Telephone(one.extension, one.name or one.extension) for one in found if one.extension]
        await know_telephones(own, connection.id, desks)
    return len(found)


_KEY = ["clinic_id", "connection_id", "user_id"]


async def people(ctx: Context, connection_id: int) -> dict[str, Abonent]:
    """Everybody of the exchange by `user_id`."""
    query = select(Abonent).where(Abonent.connection_id == connection_id)
    return {one.user_id: one for one in await ctx.db.scalars(query)}


def digits(number: str | None) -> str | None:
    """The ten digits that the exchange names a Russian number by, from any writing of it; other numbers as they are."""
    found = "".join(sign for sign in number or "" if sign in "0123456789")
    return (found[1:] if len(found) == 11 and found[0] in "78" else found) or None
