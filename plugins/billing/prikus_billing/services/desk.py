"""Reading the cash desk: its shifts, their movements, and «Кассовый лист дня» (BILL-01)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, select

from prikus.toolkit import (
    LARGEST_ID,
    BranchInfo,
    Context,
    Instant,
    NotFound,
    StaffMember,
    prepared_sql,
    read_place,
    round_money,
    short_name,
)
from prikus_billing.schemas.desk import DayMoves, DaySheet, DeskRow, DoctorDay, Shift
from prikus_billing.services.ledger import sum_up

PAGE, NOBODY = 30, "—"
FIRST = (dt.datetime(9999, 1, 1, tzinfo=dt.UTC), 2, 0)
_SHIFTS = """
    select s.id, s.number, s.branch_id, b.name, s.legal_entity_id, s.business_date, s.opened_at, s.opening, s.closed_at,
      s.counted, s.reason, money.cash_in, money.cash_out, money.cashless_in, money.cashless_out, drawer.put_in,
      drawer.taken_out, drawer.found, s.keeper_id, k.last_name, k.first_name, k.patronymic, c.last_name, c.first_name,
      c.patronymic
    from billing.cash_shift s
    join core.branch b on b.clinic_id = s.clinic_id and b.id = s.branch_id
    left join core.staff_member k on k.clinic_id = s.clinic_id and k.id = s.keeper_id
    left join core.staff_member c on c.clinic_id = s.clinic_id and c.id = s.closed_by_id
    cross join lateral (
      select coalesce(sum(e.amount) filter (where e.account = 'cash' and e.amount > 0), 0.00) as cash_in,
        coalesce(-sum(e.amount) filter (where e.account = 'cash' and e.amount < 0), 0.00) as cash_out,
        coalesce(sum(e.amount) filter (where e.account = 'cashless' and e.amount > 0), 0.00) as cashless_in,
        coalesce(-sum(e.amount) filter (where e.account = 'cashless' and e.amount < 0), 0.00) as cashless_out
      from billing.ledger_transaction t
      join billing.ledger_entry e on e.clinic_id = t.clinic_id and e.transaction_id = t.id
      where t.clinic_id = s.clinic_id and t.shift_id = s.id and e.account in ('cash', 'cashless')) money
    cross join lateral (
      select coalesce(sum(m.amount) filter (where m.kind = 'put_in'), 0.00) as put_in,
        coalesce(-sum(m.amount) filter (where m.kind = 'take_out'), 0.00) as taken_out,
        coalesce(sum(m.amount) filter (where m.kind = 'handover'), 0.00) as found
      from billing.cash_movement m where m.clinic_id = s.clinic_id and m.shift_id = s.id) drawer
"""
_ONE = prepared_sql(f"{_SHIFTS} where s.id = :shift", shift=BigInteger)
_NOW = prepared_sql(
    f"{_SHIFTS} where s.branch_id = :branch and s.legal_entity_id = :entity and s.closed_at is null",
    branch=BigInteger,
    entity=BigInteger,
)
_OF_DAY = prepared_sql(
    f"{_SHIFTS} where s.branch_id = :branch and s.business_date = :day order by s.id", branch=BigInteger, day=Date
)
_PAST = prepared_sql(
    f"{_SHIFTS} where s.branch_id = :branch and s.id < :before order by s.id desc limit :most",
    branch=BigInteger,
    before=BigInteger,
    most=Integer,
)
_LAST = prepared_sql(
    """
    select counted from billing.cash_shift
    where branch_id = :branch and legal_entity_id = :entity order by id desc limit 1
    """,
    branch=BigInteger,
    entity=BigInteger,
)
_ROWS = prepared_sql(
    """
    select one.source, one.id, one.happened_at, one.kind, one.cash, one.cashless, one.reason, one.patient_id,
      one.invoice_id, i.series || i.number, s.last_name, s.first_name, s.patronymic,
      coalesce(p.last_name, c.last_name), coalesce(p.first_name, c.first_name), coalesce(p.patronymic, c.patronymic)
    from (
      select 1 as source, t.id, t.happened_at, t.kind, t.created_by_kind, t.created_by_id, null as reason,
        coalesce(sum(e.amount) filter (where e.account = 'cash'), 0.00) as cash,
        coalesce(sum(e.amount) filter (where e.account = 'cashless'), 0.00) as cashless,
        min(e.patient_id) as patient_id, null::bigint as staff_id, min(e.invoice_id) as invoice_id
      from billing.ledger_transaction t
      join billing.ledger_entry e on e.clinic_id = t.clinic_id and e.transaction_id = t.id
      where t.shift_id = :shift and t.kind <> 'cancellation' group by t.clinic_id, t.id
      union all
      select 0, id, happened_at, kind, created_by_kind, created_by_id, reason, amount, 0.00, null, to_staff_id, null
      from billing.cash_movement where shift_id = :shift) one
    left join core.staff_member s on s.id = one.created_by_id and one.created_by_kind = 'staff'
    left join core.patient p on p.id = one.patient_id
    left join core.staff_member c on c.id = one.staff_id
    left join billing.invoice i on i.id = one.invoice_id
    where (one.happened_at, one.source, one.id) < (:at, :source, :id)
    order by one.happened_at desc, one.source desc, one.id desc limit :most
    """,
    shift=BigInteger,
    at=Instant,
    source=Integer,
    id=BigInteger,
    most=Integer,
)
_MOVES = prepared_sql(
    """
    select t.kind, count(distinct t.id), coalesce(sum(e.amount) filter (where e.account = 'cash'), 0.00),
      coalesce(sum(e.amount) filter (where e.account = 'cashless'), 0.00),
      coalesce(sum(e.amount) filter (where e.account = 'deposit' and t.kind in ('payment', 'refund')), 0.00)
    from billing.ledger_transaction t
    join billing.ledger_entry e on e.clinic_id = t.clinic_id and e.transaction_id = t.id
    where t.branch_id = :branch and t.business_date = :day and t.kind not in ('invoice', 'cancellation')
    group by t.kind
    """,
    branch=BigInteger,
    day=Date,
)
_INVOICED = prepared_sql(
    """
    select l.doctor_id, sum(l.net_amount) from billing.invoice i
    join billing.invoice_line l on l.clinic_id = i.clinic_id and l.invoice_id = i.id
    where i.branch_id = :branch and i.business_date = :day and i.status <> 'cancelled' group by l.doctor_id
    """,
    branch=BigInteger,
    day=Date,
)
_RECEIVED = prepared_sql(
    """
    select moved.invoice_id, moved.kind, moved.amount, l.doctor_id,
      sum(l.net_amount - coalesce(gone.amount, 0))
    from (
      select e.invoice_id, t.kind, sum(e.amount) as amount from billing.ledger_transaction t
      join billing.ledger_entry e on e.clinic_id = t.clinic_id and e.transaction_id = t.id
      where t.branch_id = :branch and t.business_date = :day and t.kind in ('payment', 'cancellation')
        and e.account in ('cash', 'cashless', 'deposit')
      group by e.invoice_id, t.kind) moved
    join billing.invoice_line l on l.invoice_id = moved.invoice_id
    left join lateral (
      select sum(f.amount) as amount from billing.refunded_line f
      where moved.kind = 'cancellation' and f.clinic_id = l.clinic_id and f.line_id = l.id) gone on true
    group by moved.invoice_id, moved.kind, moved.amount, l.doctor_id
    order by moved.invoice_id, l.doctor_id nulls last
    """,
    branch=BigInteger,
    day=Date,
)
_REFUNDED = prepared_sql(
    """
    select l.doctor_id, -sum(f.amount) from billing.ledger_transaction t
    join billing.reversal r on r.clinic_id = t.clinic_id and r.transaction_id = t.id
    join billing.refunded_line f on f.clinic_id = r.clinic_id and f.reversal_id = r.id
    join billing.invoice_line l on l.clinic_id = f.clinic_id and l.id = f.line_id
    where t.branch_id = :branch and t.business_date = :day and t.kind = 'refund' group by l.doctor_id
    """,
    branch=BigInteger,
    day=Date,
)


async def shift_now(ctx: Context, branch: BranchInfo) -> Shift | None:
    """The open shift of a branch's desk."""
    ctx.require("billing.shift.view")
    row = await _NOW.row(ctx.db, branch=branch.id, entity=branch.legal_entity_id)
    return _shift(row) if row is not None else None


async def shift_of(ctx: Context, shift_id: int) -> Shift:
    """One shift, open or closed. Raises `NotFound`."""
    ctx.require("billing.shift.view")
    row = await _ONE.row(ctx.db, shift=shift_id)
    if row is None:
        raise NotFound("Такой смены нет.")
    return _shift(row)


async def last_count(ctx: Context, branch: BranchInfo) -> Decimal | None:
    """What was counted when the desk was closed last; None when it never was open, or is open now."""
    ctx.require("billing.shift.view")
    return await _last(ctx, branch)


async def _last(ctx: Context, branch: BranchInfo) -> Decimal | None:
    return await _LAST.scalar(ctx.db, branch=branch.id, entity=branch.legal_entity_id)


async def is_between_shifts(ctx: Context) -> bool:
    """Whether the desk here keeps shifts and none is open: what is paid now belongs to none."""
    return ctx.branches != () and await _last(ctx, ctx.branch) is not None


async def past_shifts(ctx: Context, branch: BranchInfo, before: int | None = None) -> tuple[list[Shift], int | None]:
    """Shifts of a branch, newest first, 30 to a page, and the cursor of the next one."""
    ctx.require("billing.shift.view")
    rows = await _PAST.rows(ctx.db, branch=branch.id, before=before or LARGEST_ID, most=PAGE + 1)
    found = [_shift(row) for row in rows]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


async def rows_of(ctx: Context, shift_id: int, after: str | None = None) -> tuple[list[DeskRow], str | None]:
    """Movements of a shift, newest first, 30 to a page, and the cursor of the next one."""
    ctx.require("billing.shift.view")
    at, source, id = _place(after) if after else FIRST
    rows = await _ROWS.rows(ctx.db, shift=shift_id, at=at, source=source, id=id, most=PAGE + 1)
    found = [DeskRow(*row[:10], by=_name(*row[10:13]), about=_name(*row[13:])) for row in rows]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{last.happened_at.isoformat()}_{last.source}_{last.id}" if last else None


def _place(cursor: str) -> tuple[dt.datetime, int, int]:
    parts = cursor.split("_")
    if len(parts) != 3 or parts[1] not in ("0", "1"):
        raise NotFound()
    at, id = read_place(f"{parts[0]}_{parts[2]}")
    return at, int(parts[1]), id


async def day_sheet(ctx: Context, branch: BranchInfo, day: dt.date) -> DaySheet:
    """«Кассовый лист дня» of a branch: by operation and method, by doctor, by shift. Six statements."""
    ctx.require("billing.shift.view")
    about: dict[str, Any] = {"branch": branch.id, "day": day}
    moves = [DayMoves(*row) for row in await _MOVES.rows(ctx.db, **about)]
    invoiced = {row[0]: row[1] for row in await _INVOICED.rows(ctx.db, **about)}
    received = _by_doctor(await _RECEIVED.rows(ctx.db, **about))
    for doctor, amount in await _REFUNDED.rows(ctx.db, **about):
        received[doctor] += amount
    names = await _names(ctx, {*invoiced, *received} - {None})
    doctors = [
        DoctorDay(id, names.get(id, "Без врача"), invoiced.get(id, Decimal("0.00")), received[id])
        for id in {*invoiced, *received}
        if id in invoiced or received[id]
    ]
    shifts = [_shift(row) for row in await _OF_DAY.rows(ctx.db, **about)]
    by_name = sorted(doctors, key=lambda one: (one.doctor_id is None, one.doctor))
    return DaySheet(day, branch.name, branch.legal_entity_id, moves, by_name, shifts)


def _by_doctor(rows: Iterable[Any]) -> dict[int | None, Decimal]:
    """Money shared out by the lines' amounts; the shares of each invoice add up to what moved for it.

    A cancellation takes back what the invoice kept, by what its refunds left of the lines.
    """
    shares: dict[int | None, Decimal] = defaultdict(lambda: Decimal("0.00"))
    movements: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in rows:
        movements[row[0], row[1]].append(row)
    for lines in movements.values():
        total, moved, gone, given = sum_up(line[4] for line in lines), lines[0][2], Decimal(0), Decimal(0)
        for *_, doctor, amount in lines:
            gone += amount
            share = round_money(moved * gone / total) - given
            given += share
            shares[doctor] += share
    return shares


async def _names(ctx: Context, ids: set[Any]) -> dict[int, str]:
    staff = (StaffMember.id, StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    rows = await ctx.db.execute(select(*staff).where(StaffMember.id.in_(ids)))
    return {row.id: _name(row.last_name, row.first_name, row.patronymic) for row in rows}


async def colleagues(ctx: Context) -> list[tuple[int, str]]:
    """Who may take the drawer over."""
    ctx.require("billing.shift.run")
    staff = (StaffMember.id, StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    rows = await ctx.db.execute(ctx.visible(StaffMember, *staff).order_by(StaffMember.sort_name))
    return [(row.id, _name(row.last_name, row.first_name, row.patronymic)) for row in rows if row.id != ctx.actor.id]


def _shift(row: Any) -> Shift:
    return Shift(*row[:19], keeper=_name(*row[19:22]), closed_by=_name(*row[22:]))


def _name(last: str | None, first: str | None, patronymic: str | None) -> str:
    return short_name(last, first or "", patronymic) if last else NOBODY
