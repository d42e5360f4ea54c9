"""The patient's deposit: prepayments (PAT-14), giving it back (PAT-15), and what of it may be used.

Money is kept by the legal entity whose desk took it: an invoice is paid from what its own one keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

import msgspec
from sqlalchemy import BigInteger, ClauseElement, Integer, Select, bindparam, func, select

from prikus.toolkit import (
    LARGEST_ID,
    Conflict,
    Context,
    NotFound,
    Patient,
    full_name,
    money,
    once,
    prepared,
    prepared_sql,
    require_proof,
    short_name,
    visible,
)
from prikus_billing.events import DepositToppedUp, DepositWithdrawn
from prikus_billing.models import LedgerEntry
from prikus_billing.schemas.money import DepositMoved, DepositRow, Kind, Prepayment, Withdrawal
from prikus_billing.services.ledger import Movement, moment, post, sum_up, tell
from prikus_billing.services.limits import check_sum
from prikus_billing.services.methods import methods_of

PAGE, NOBODY = 20, "—"
NOTHING = "На депозите ничего нет: снимать нечего."
_MOVES = prepared_sql(
    """
    select t.id, t.kind, t.happened_at, -sum(e.amount),
      array(select m.account from billing.ledger_entry m
        where m.clinic_id = t.clinic_id and m.transaction_id = t.id and m.account in ('cash', 'cashless')
        order by m.account),
      min(i.id), min(i.series || i.number), s.last_name, s.first_name, s.patronymic
    from billing.ledger_entry e
    join billing.ledger_transaction t on t.clinic_id = e.clinic_id and t.id = e.transaction_id
    left join billing.invoice i on i.clinic_id = e.clinic_id and i.id = e.invoice_id
    left join core.staff_member s
      on s.clinic_id = t.clinic_id and s.id = t.created_by_id and t.created_by_kind = 'staff'
    where e.patient_id = :patient and e.account = 'deposit' and t.id < :before
    group by t.clinic_id, t.id, s.clinic_id, s.id order by t.id desc limit :most
    """,
    patient=BigInteger,
    before=BigInteger,
    most=Integer,
)
_LOCKED = prepared_sql("select id from core.patient where id = :patient for no key update", patient=BigInteger)


async def deposit_of(ctx: Context, patient_id: int) -> Decimal:
    """What all legal entities of the clinic keep for the patient. Raises `NotFound`."""
    return (await named_deposit(ctx, patient_id))[1]


async def named_deposit(ctx: Context, patient_id: int) -> tuple[str, Decimal]:
    """The patient's name and deposit. Raises `NotFound`."""
    ctx.require("billing.invoice.view")
    return await _named(ctx, patient_id)


async def deposit_to_fill(ctx: Context, patient_id: int) -> tuple[str, Decimal]:
    """The patient's name and deposit, for the form of a prepayment. Raises `NotFound`."""
    ctx.require("billing.deposit.take")
    return await _named(ctx, patient_id)


async def deposit_to_withdraw(ctx: Context, patient_id: int) -> tuple[str, Decimal]:
    """The patient's name and deposit, for the form that gives it back. Raises `NotFound`, `Conflict` without any."""
    ctx.require("billing.deposit.withdraw")
    name, kept = await _named(ctx, patient_id)
    if kept <= 0:
        raise Conflict(NOTHING)
    return name, kept


async def _named(ctx: Context, patient_id: int) -> tuple[str, Decimal]:
    row = await _known().row(ctx.db, patient=patient_id)
    if row is None:
        raise NotFound()
    return full_name(row.last_name, row.first_name, row.patronymic), row.kept


@prepared
def _known() -> ClauseElement:
    kept = _sum().where(LedgerEntry.clinic_id == Patient.clinic_id, LedgerEntry.patient_id == Patient.id)
    columns = (Patient.last_name, Patient.first_name, Patient.patronymic, kept.scalar_subquery().label("kept"))
    return visible(Patient, *columns).where(Patient.id == bindparam("patient"))


@prepared
def _whole() -> ClauseElement:
    return _sum().where(LedgerEntry.patient_id == bindparam("patient"))


async def kept_by(ctx: Context, patient_id: int, legal_entity_id: int) -> Decimal:
    """What one legal entity keeps for the patient, for those who take payments."""
    ctx.require("billing.invoice.pay")
    return cast(Decimal, await _kept().scalar(ctx.db, patient=patient_id, entity=legal_entity_id))


@prepared
def _kept() -> ClauseElement:
    return _sum().where(
        LedgerEntry.patient_id == bindparam("patient"), LedgerEntry.legal_entity_id == bindparam("entity")
    )


def _sum() -> Select[Decimal]:
    return select(func.coalesce(-func.sum(LedgerEntry.amount), Decimal("0.00"))).where(LedgerEntry.account == "deposit")


async def moves_of(ctx: Context, patient_id: int, before: int | None = None) -> tuple[list[DepositRow], int | None]:
    """Movements of the deposit, newest first, 20 to a page, and the cursor of the next one."""
    ctx.require("billing.invoice.view")
    rows = await _MOVES.rows(ctx.db, patient=patient_id, before=before or LARGEST_ID, most=PAGE + 1)
    found = [DepositRow(*row[:7], by=short_name(*row[7:]) if row[7] else NOBODY) for row in rows]
    return found[:PAGE], found[PAGE - 1].transaction_id if len(found) > PAGE else None


async def lock_deposit(ctx: Context, patient_id: int) -> dict[int, Decimal]:
    """What each legal entity keeps, until the commit for nobody else to take. Raises `NotFound`.

    The sums are read after the lock was got: two statements.
    """
    if not await _LOCKED.rows(ctx.db, patient=patient_id):
        raise NotFound("Пациент не найден. Возможно, карточка удалена.")
    return {row[0]: row[1] for row in await _shares().rows(ctx.db, patient=patient_id) if row[1]}


@prepared
def _shares() -> ClauseElement:
    kept = select(LedgerEntry.legal_entity_id, -func.sum(LedgerEntry.amount)).where(LedgerEntry.account == "deposit")
    return kept.where(LedgerEntry.patient_id == bindparam("patient")).group_by(LedgerEntry.legal_entity_id)


async def top_up(ctx: Context, wish: Prepayment, key: str) -> DepositMoved:
    """Take a prepayment once for a key, at the desk where the person works now (PAT-14)."""
    ctx.require("billing.deposit.take")
    return await once(ctx.db, key, wish, DepositMoved, lambda: _top_up(ctx, wish, key))


async def _top_up(ctx: Context, wish: Prepayment, key: str) -> DepositMoved:
    check_sum("amount", wish.amount, Decimal("0.01"))
    if await _known().row(ctx.db, patient=wish.patient_id) is None:
        raise NotFound("Пациент не найден. Возможно, карточка удалена.")
    here = Movement(
        kind="top_up",
        patient_id=wish.patient_id,
        legal_entity_id=ctx.branch.legal_entity_id,
        branch_id=ctx.branch.id,
        against="deposit",
    )
    return await add_to_deposit(ctx, here, {wish.kind: wish.amount}, await methods_of(ctx), key)


async def add_to_deposit(
    ctx: Context, about: Movement, parts: Mapping[Kind, Decimal], methods: Mapping[Kind, int], key: str
) -> DepositMoved:
    """Write a prepayment at the place and for the patient of `about`; what was paid above an invoice is one, too."""
    move = msgspec.structs.replace(about, kind="top_up", against="deposit", parts=parts, sides={})
    posted = await post(ctx, move, methods, key, moment(ctx, move.branch_id))
    amount = sum_up(parts.values())
    balance = cast(Decimal, await _whole().scalar(ctx.db, patient=move.patient_id))
    fact = DepositToppedUp(
        patient_id=move.patient_id,
        transaction_id=posted.transaction_id,
        payment_ids=posted.payment_ids,
        amount=amount,
        by_kind=cast(dict[str, Decimal], dict(parts)),
        balance=balance,
        currency=ctx.clinic.currency,
    )
    await ctx.emit(fact, posted.movement)
    tell(ctx, move.patient_id, posted.movement)
    return DepositMoved(posted.transaction_id, amount, balance)


async def withdraw(ctx: Context, wish: Withdrawal, key: str) -> DepositMoved:
    """Give the whole deposit back, once for a key (PAT-15): a movement for each legal entity that keeps some.

    Raises `Conflict` when there is nothing, or another sum than the person saw; `ProofNeeded`.
    """
    ctx.require("billing.deposit.withdraw")
    await require_proof(ctx)
    return await once(ctx.db, key, wish, DepositMoved, lambda: _withdraw(ctx, wish, key))


async def _withdraw(ctx: Context, wish: Withdrawal, key: str) -> DepositMoved:
    shares = await lock_deposit(ctx, wish.patient_id)
    kept = sum_up(shares.values())
    if kept <= 0:
        raise Conflict(NOTHING)
    if kept != wish.amount:
        now = money(kept, ctx.clinic.currency)
        raise Conflict(f"Депозит изменился: теперь на нём {now}. Закройте форму и откройте её снова.")
    given = [await _give_back(ctx, wish, entity, share, key) for entity, share in sorted(shares.items())]
    words = money(kept, ctx.clinic.currency)
    await ctx.audit("billing.deposit_withdrawn", "core.patient", wish.patient_id, f"Депозит снят: {words}")
    return DepositMoved(given[-1], kept, Decimal("0.00"))


async def _give_back(ctx: Context, wish: Withdrawal, entity: int, share: Decimal, key: str) -> int:
    branch = next((one for one in (ctx.branch, *ctx.branches) if one.legal_entity_id == entity), ctx.branch)
    move = Movement(
        kind="withdrawal",
        patient_id=wish.patient_id,
        legal_entity_id=entity,
        branch_id=branch.id,
        against="deposit",
        parts={wish.kind: -share},
    )
    posted = await post(ctx, move, await methods_of(ctx), f"{key}:{entity}", moment(ctx, branch.id))
    fact = DepositWithdrawn(
        patient_id=wish.patient_id,
        transaction_id=posted.transaction_id,
        payment_ids=posted.payment_ids,
        amount=share,
        by_kind={wish.kind: share},
        currency=ctx.clinic.currency,
    )
    await ctx.emit(fact, posted.movement)
    tell(ctx, wish.patient_id, posted.movement)
    return posted.transaction_id
