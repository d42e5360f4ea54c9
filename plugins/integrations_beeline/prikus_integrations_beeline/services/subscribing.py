"""Staying subscribed: «Подключить», renewing by the granted time, one subscription after the other, «Отключить»."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Conflict, Connected, Context, OpenConnection, OutsideFailed, Problem, plural
from prikus_integrations_beeline.models import Subscription
from prikus_integrations_beeline.schemas import Granted
from prikus_integrations_beeline.services import abonents
from prikus_integrations_beeline.services.client import IN_A_JOB, IN_A_PAGE, Portal, portal
from prikus_integrations_beeline.settings import Settings

DAY = 86_400
LEFT = 0.2
"""The part of the granted time that is left when it is renewed."""
PACE = dt.timedelta(minutes=6)
"""A little more than there is between two looks."""
ASKING = dt.timedelta(minutes=5)
"""An attempt that says nothing for so long has died."""
BUSY = "Подписка на звонки уже оформляется. Подождите минуту и проверьте связь ещё раз."
NOT_CONFIRMED = "Билайн принял подписку на звонки, но не подтвердил её. Нажмите «Подключить» ещё раз."
FORMS = ("сотрудник", "сотрудника", "сотрудников")


async def connect(outside: Context, connection: OpenConnection[Settings]) -> Connected:
    """«Подключить»: who is there, and a subscription that the exchange confirms."""
    async with portal(outside, connection, IN_A_PAGE) as beeline:
        found = await abonents.refresh(outside, connection, beeline)
        await subscribe(outside, connection, beeline)
    return Connected(f"В облачной АТС {plural(found, *FORMS)}. События звонков приходят.")


async def subscribe(outside: Context, connection: OpenConnection[Settings], beeline: Portal) -> None:
    """A new subscription; those before it are deleted once it is there.

    Written down before it is asked for. Raises `Conflict` while another one is being asked for.
    """
    asked = await _ask_alone(outside, connection.id)
    try:
        wanted = {"expires": DAY, "subscriptionType": "ADVANCED_CALL", "url": connection.webhook_url}
        granted = (await beeline.ask("PUT", "/subscription", json=wanted)).json(Granted)
        await _keep(outside, connection.id, asked, granted)
    except Problem:
        async with outside.unit() as own:
            await own.db.execute(delete(Subscription).where(Subscription.id == asked))
        raise
    if not await is_known(beeline, granted.subscription_id):
        raise OutsideFailed(NOT_CONFIRMED)
    await forget(outside, connection.id, beeline)


async def _ask_alone(outside: Context, connection_id: int) -> int:
    """The row of this attempt, unless another one is under way."""
    async with outside.unit() as own:
        mine = (Subscription.connection_id == connection_id, Subscription.state == "asked")
        await own.db.execute(delete(Subscription).where(*mine, Subscription.asked_at < own.now() - ASKING))
        values = {"connection_id": connection_id, "state": "asked", "asked_at": own.now()}
        row = insert(Subscription).values(values).on_conflict_do_nothing().returning(Subscription.id)
        asked = await own.db.scalar(row)
    if asked is None:
        raise Conflict(BUSY)
    return asked


async def _keep(outside: Context, connection_id: int, asked: int, granted: Granted) -> None:
    """The granted one is what tells now; the others are over. An exchange may give the same number again."""
    async with outside.unit() as own:
        length = dt.timedelta(seconds=granted.expires)
        told = {
            "state": "active",
            "renew_at": own.now() + length * (1 - LEFT),
            "expires_at": own.now() + length,
        }
        others = (Subscription.connection_id == connection_id, Subscription.id != asked)
        same = delete(Subscription).where(*others, Subscription.subscription_id == granted.subscription_id)
        await own.db.execute(same)
        await own.db.execute(update(Subscription).where(*others, Subscription.state == "active").values(state="over"))
        row = update(Subscription).where(Subscription.id == asked)
        await own.db.execute(row.values(subscription_id=granted.subscription_id, **told))


async def is_known(beeline: Portal, subscription_id: str) -> bool:
    """Whether the exchange still has it."""
    answer = await beeline.ask("GET", "/subscription", params={"subscriptionId": subscription_id})
    return answer.is_success


async def forget(outside: Context, connection_id: int, beeline: Portal, *, states: tuple[str, ...] = ("over",)) -> None:
    """Delete at the exchange what is over. What cannot be deleted now stays written down for the next time."""
    mine = (Subscription.connection_id == connection_id, Subscription.state.in_(states))
    async with outside.unit() as own:
        query = select(Subscription.id, Subscription.subscription_id).where(*mine).order_by(Subscription.id)
        rows = (await own.db.execute(query)).all()
    for id, subscription_id in rows:
        try:
            await beeline.ask("DELETE", "/subscription", params={"subscriptionId": subscription_id})
        except OutsideFailed:
            continue
        async with outside.unit() as own:
            await own.db.execute(delete(Subscription).where(Subscription.id == id))


async def disconnect(outside: Context, connection: OpenConnection[Settings]) -> None:
    """«Отключить»: no subscription of ours stays at the exchange, and none with us."""
    try:
        async with portal(outside, connection, IN_A_PAGE) as beeline:
            await forget(outside, connection.id, beeline, states=("active", "over"))
    finally:
        async with outside.unit() as own:
            await own.db.execute(delete(Subscription).where(Subscription.connection_id == connection.id))


async def keep(outside: Context, connection: OpenConnection[Settings]) -> None:
    """Renew what is due or what the exchange does not know any more."""
    async with portal(outside, connection, IN_A_JOB) as beeline:
        active = await _active(outside, connection.id)
        if active is not None and await is_known(beeline, active):
            await forget(outside, connection.id, beeline)
        else:
            await subscribe(outside, connection, beeline)


async def _active(outside: Context, connection_id: int) -> str | None:
    """Number of the subscription that tells, unless its time to be renewed has come."""
    async with outside.unit() as own:
        is_due = or_(Subscription.renew_at <= own.now(), Subscription.expires_at <= own.now() + PACE)
        mine = (Subscription.connection_id == connection_id, Subscription.state == "active")
        query = select(Subscription.subscription_id).where(*mine, ~is_due).order_by(Subscription.id.desc())
        return await own.db.scalar(query.limit(1))


async def is_ours(ctx: Context, connection_id: int, subscription_id: str) -> bool:
    """Whether we asked for it. Raises `Conflict` while one is being asked for: this may be it."""
    mine = Subscription.connection_id == connection_id
    known = select(Subscription.id).where(mine, Subscription.subscription_id == subscription_id)
    if subscription_id and await ctx.db.scalar(known) is not None:
        return True
    asked = select(Subscription.id).where(
        mine, Subscription.state == "asked", Subscription.asked_at > ctx.now() - ASKING
    )
    if await ctx.db.scalar(asked) is not None:
        raise Conflict(BUSY)
    return False


async def end(ctx: Context, connection_id: int, subscription_id: str) -> None:
    """The exchange has ended it: nothing is to be deleted there."""
    mine = Subscription.connection_id == connection_id
    await ctx.db.execute(delete(Subscription).where(mine, Subscription.subscription_id == subscription_id))


async def learn(outside: Context, connection: OpenConnection[Settings]) -> None:
    """Ask who the people of the exchange are."""
    async with portal(outside, connection) as beeline:
        await abonents.refresh(outside, connection, beeline)
