"""Shifts of the cash desk: opened with a count, cash in and out, handed over, closed with a count (BILL-01).

Nobody is forced to open one: without it money moves all the same and belongs to no shift.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Date, Text

from prikus.toolkit import (
    Aggregate,
    Conflict,
    Context,
    Instant,
    Invalid,
    Money,
    NotFound,
    StaffMember,
    money,
    next_number,
    once,
    prepared_sql,
)
from prikus_billing.events import ShiftClosed, ShiftOpened
from prikus_billing.schemas.desk import CashMove, Handover, NewShift, ShiftCount, ShiftMoved
from prikus_billing.services.ledger import moment
from prikus_billing.services.limits import check_sum, stripped_reason

SERIES, TABLE, CHANNEL = "cash_shift", "billing.cash_shift", "billing.desk"
_OPEN = prepared_sql(
    """
    insert into billing.cash_shift (branch_id, legal_entity_id, number, opened_at, business_date, opening, keeper_id)
    values (:branch, :entity, :number, :at, :day, :opening, :keeper)
    on conflict (clinic_id, branch_id, legal_entity_id) where closed_at is null do nothing
    returning id, row_version
    """,
    branch=BigInteger,
    entity=BigInteger,
    number=BigInteger,
    at=Instant,
    day=Date,
    opening=Money,
    keeper=BigInteger,
)
_COLUMNS = "id, branch_id, legal_entity_id, number, opening, closed_at is not null, row_version"
_HELD = prepared_sql(f"select {_COLUMNS} from billing.cash_shift where id = :shift for no key update", shift=BigInteger)
_ALONE = prepared_sql(f"select {_COLUMNS} from billing.cash_shift where id = :shift for update", shift=BigInteger)
_DRAWER = prepared_sql(
    """
    select coalesce((
        select sum(e.amount) from billing.ledger_transaction t
        join billing.ledger_entry e on e.clinic_id = t.clinic_id and e.transaction_id = t.id and e.account = 'cash'
        where t.shift_id = :shift), 0.00)
      + coalesce((select sum(amount) from billing.cash_movement where shift_id = :shift), 0.00)
    """,
    shift=BigInteger,
)
_MOVE = prepared_sql(
    """
    insert into billing.cash_movement (shift_id, kind, key, amount, counted, to_staff_id, reason, happened_at)
    values (:shift, :kind, :key, :amount, :counted, :staff, :reason, :at)
    on conflict (clinic_id, key) do nothing returning id
    """,
    shift=BigInteger,
    kind=Text,
    key=Text,
    amount=Money,
    counted=Money,
    staff=BigInteger,
    reason=Text,
    at=Instant,
)
_KEEPER = prepared_sql(
    "update billing.cash_shift set keeper_id = :staff where id = :shift", shift=BigInteger, staff=BigInteger
)
_CLOSE = prepared_sql(
    """
    update billing.cash_shift set closed_at = :at, closed_by_id = :staff, expected = :expected, counted = :counted,
      reason = :reason
    where id = :shift returning row_version
    """,
    shift=BigInteger,
    at=Instant,
    staff=BigInteger,
    expected=Money,
    counted=Money,
    reason=Text,
)


class Held(msgspec.Struct, frozen=True):
    """A shift as it is when its lock was taken."""

    id: int
    branch_id: int
    legal_entity_id: int
    number: int
    opening: Decimal
    is_closed: bool
    row_version: int


async def open_shift(ctx: Context, wish: NewShift, key: str) -> ShiftMoved:
    """Open the desk of the person's branch once for a key. Raises `Conflict` while it is open already."""
    ctx.require("billing.shift.run")
    return await once(ctx.db, key, wish, ShiftMoved, lambda: _open(ctx, wish))


async def _open(ctx: Context, wish: NewShift) -> ShiftMoved:
    check_sum("opening", wish.opening)
    branch = ctx.branch
    when = moment(ctx, branch.id)
    number = await next_number(ctx.db, SERIES, branch.legal_entity_id)
    row = await _OPEN.row(
        ctx.db,
        branch=branch.id,
        entity=branch.legal_entity_id,
        number=number,
        at=when.at,
        day=when.business_date,
        opening=wish.opening,
        keeper=_staff(ctx),
    )
    if row is None:
        raise Conflict("Смена уже открыта. Обновите страницу.")
    fact = ShiftOpened(
        shift_id=row.id,
        branch_id=branch.id,
        legal_entity_id=branch.legal_entity_id,
        number=number,
        opening=wish.opening,
    )
    await ctx.emit(fact, Aggregate(TABLE, row.id, row.row_version))
    ctx.changed(CHANNEL, branch.id)
    return ShiftMoved(row.id, number, wish.opening)


async def move_cash(ctx: Context, wish: CashMove, key: str) -> ShiftMoved:
    """Put cash into the drawer or take it out, once for a key.

    Raises `Invalid` beside sum and reason, also when more is taken than must lie there; `Conflict` after the close.
    """
    ctx.require("billing.shift.run")
    return await once(ctx.db, key, wish, ShiftMoved, lambda: _move_cash(ctx, wish, key))


async def _move_cash(ctx: Context, wish: CashMove, key: str) -> ShiftMoved:
    check_sum("amount", wish.amount, Decimal("0.01"))
    reason = stripped_reason(wish.reason, "Укажите, откуда или зачем деньги.")
    shift, expected = await _held(ctx, wish.shift_id)
    taken = wish.kind == "take_out"
    if taken and wish.amount > expected:
        raise Invalid({"amount": f"В кассе меньше: {money(expected, ctx.clinic.currency)}."})
    amount = -wish.amount if taken else wish.amount
    await _note(ctx, shift, key, kind=wish.kind, amount=amount, reason=reason)
    words = "Изъято из кассы" if taken else "Внесено в кассу"
    sentence = f"{words} {money(wish.amount, ctx.clinic.currency)}: {reason}"
    await ctx.audit("billing.cash_moved", TABLE, shift.id, sentence)
    return ShiftMoved(shift.id, shift.number, expected + amount)


async def hand_over(ctx: Context, wish: Handover, key: str) -> ShiftMoved:
    """Hand the drawer over to a colleague, once for a key; from now on what was counted must lie in it."""
    ctx.require("billing.shift.run")
    return await once(ctx.db, key, wish, ShiftMoved, lambda: _hand_over(ctx, wish, key))


async def _hand_over(ctx: Context, wish: Handover, key: str) -> ShiftMoved:
    check_sum("counted", wish.counted)
    shift, expected = await _held(ctx, wish.shift_id)
    colleague = ctx.visible(StaffMember, StaffMember.id).where(StaffMember.id == wish.to_staff_id)
    if await ctx.db.scalar(colleague) is None:
        raise Invalid({"to_staff_id": "Этот сотрудник больше не работает. Выберите другого."})
    difference, reason = _difference(ctx, wish.counted, expected, wish.reason)
    await _note(
        ctx,
        shift,
        key,
        kind="handover",
        amount=difference,
        counted=wish.counted,
        staff=wish.to_staff_id,
        reason=reason,
    )
    await _KEEPER.rows(ctx.db, shift=shift.id, staff=wish.to_staff_id)
    counted = money(wish.counted, ctx.clinic.currency)
    await ctx.audit("billing.shift_handed_over", TABLE, shift.id, f"Смена № {shift.number} передана, в кассе {counted}")
    return ShiftMoved(shift.id, shift.number, wish.counted, difference)


async def close_shift(ctx: Context, wish: ShiftCount, key: str) -> ShiftMoved:
    """Close a shift with a count, once for a key; payments that are under way are waited for.

    Raises `Invalid` beside `reason` when the count differs and no reason is given, `Conflict` when it is closed.
    """
    ctx.require("billing.shift.run")
    return await once(ctx.db, key, wish, ShiftMoved, lambda: _close(ctx, wish))


async def _close(ctx: Context, wish: ShiftCount) -> ShiftMoved:
    check_sum("counted", wish.counted)
    shift, expected = await _held(ctx, wish.shift_id, alone=True)
    difference, reason = _difference(ctx, wish.counted, expected, wish.reason)
    version = await _CLOSE.scalar(
        ctx.db,
        shift=shift.id,
        at=ctx.now(),
        staff=_staff(ctx),
        expected=expected,
        counted=wish.counted,
        reason=reason,
    )
    fact = ShiftClosed(
        shift_id=shift.id,
        branch_id=shift.branch_id,
        legal_entity_id=shift.legal_entity_id,
        number=shift.number,
        expected=expected,
        counted=wish.counted,
    )
    await ctx.emit(fact, Aggregate(TABLE, shift.id, version or 0))
    sentence = f"Смена № {shift.number} закрыта, в кассе {money(wish.counted, ctx.clinic.currency)}"
    if difference:
        sentence += f", расхождение {money(difference, ctx.clinic.currency)}: {reason}"
    await ctx.audit("billing.shift_closed", TABLE, shift.id, sentence)
    ctx.changed(CHANNEL, shift.branch_id)
    return ShiftMoved(shift.id, shift.number, expected, difference)


async def _held(ctx: Context, shift_id: int, *, alone: bool = False) -> tuple[Held, Decimal]:
    """The locked shift and what must lie in its drawer. Whoever closes it is alone: no payment is half-way.

    The sum is read after the lock was got. Raises `NotFound`, `Conflict` when it is closed.
    """
    row = await (_ALONE if alone else _HELD).row(ctx.db, shift=shift_id)
    if row is None:
        raise NotFound("Такой смены нет.")
    shift = Held(*row)
    if shift.is_closed:
        raise Conflict("Смена уже закрыта. Обновите страницу.")
    return shift, shift.opening + (await _DRAWER.scalar(ctx.db, shift=shift_id) or 0)


async def _note(ctx: Context, shift: Held, key: str, **values: Any) -> None:
    made = await _MOVE.row(
        ctx.db, **{"counted": None, "staff": None, **values, "shift": shift.id, "key": key, "at": ctx.now()}
    )
    if made is None:
        raise Conflict("Эта форма уже отправлена. Обновите страницу.")
    ctx.changed(CHANNEL, shift.branch_id)


def _staff(ctx: Context) -> int | None:
    return ctx.actor.id if ctx.actor.kind == "staff" else None


def _difference(ctx: Context, counted: Decimal, expected: Decimal, words: str) -> tuple[Decimal, str | None]:
    """Counted − expected, and its reason. Raises `Invalid` when a difference has none."""
    difference, reason = counted - expected, stripped_reason(words)
    if difference and not reason:
        much = "Лишних" if difference > 0 else "Не хватает"
        sentence = f"{much} {money(abs(difference), ctx.clinic.currency)}. Пересчитайте или укажите причину."
        raise Invalid({"reason": sentence})
    return difference, reason or None
