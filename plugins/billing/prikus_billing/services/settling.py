"""Telling a movement of money to those who must account for it, such as a cash register (integrations, 54-ФЗ)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger

from prikus.toolkit import Context, NotFound, full_name, prepared_sql
from prikus_billing.schemas.money import SettledLine, Settlement

_MOVEMENT = prepared_sql(
    """
    select t.id, t.kind, t.legal_entity_id, t.branch_id, t.happened_at, t.business_date, moved.patient_id,
      moved.invoice_id, i.series || i.number as number, coalesce(i.total, 0.00) as total,
      abs(moved.cash) as cash, abs(moved.cashless) as cashless,
      case when t.kind in ('top_up', 'withdrawal') then 0.00 else abs(moved.deposit) end as deposit,
      coalesce(book.paid_before, 0.00) as paid_before, coalesce(book.due, 0.00) as due, r.id as reversal_id,
      r.reverses_id, s.id as staff_id, s.last_name, s.first_name, s.patronymic
    from billing.ledger_transaction t
    join lateral (
      select min(e.patient_id) as patient_id, min(e.invoice_id) as invoice_id,
        coalesce(sum(e.amount) filter (where e.account = 'cash'), 0.00) as cash,
        coalesce(sum(e.amount) filter (where e.account = 'cashless'), 0.00) as cashless,
        coalesce(sum(e.amount) filter (where e.account = 'deposit'), 0.00) as deposit
      from billing.ledger_entry e where e.clinic_id = t.clinic_id and e.transaction_id = t.id) moved
      on moved.patient_id is not null
    left join billing.invoice i on i.clinic_id = t.clinic_id and i.id = moved.invoice_id
    left join lateral (
      select sum(e.amount) filter (where e.account in ('cash', 'cashless', 'deposit') and e.transaction_id < t.id)
          as paid_before,
        sum(e.amount) filter (where e.account = 'receivable' and e.transaction_id <= t.id) as due
      from billing.ledger_entry e where e.clinic_id = i.clinic_id and e.invoice_id = i.id) book on true
    left join billing.reversal r on r.clinic_id = t.clinic_id and r.transaction_id = t.id
    left join core.staff_member s
      on s.clinic_id = t.clinic_id and s.id = t.created_by_id and t.created_by_kind = 'staff'
    where t.id = :transaction and t.kind <> 'invoice'
    """,
    transaction=BigInteger,
)
_LINES = prepared_sql(
    """
    select l.id, l.service_id, l.service_name, l.quantity - coalesce(gone.quantity, 0), l.price,
      l.net_amount - coalesce(gone.amount, 0)
    from billing.invoice_line l
    left join lateral (
      select sum(f.quantity) as quantity, sum(f.amount) as amount from billing.refunded_line f
      join billing.reversal r on r.clinic_id = f.clinic_id and r.id = f.reversal_id
      where f.clinic_id = l.clinic_id and f.line_id = l.id and r.transaction_id < :transaction) gone on true
    where l.invoice_id = :invoice and l.quantity > coalesce(gone.quantity, 0)
    order by l.position
    """,
    invoice=BigInteger,
    transaction=BigInteger,
)
_REFUNDED = prepared_sql(
    """
    select l.id, l.service_id, l.service_name, f.quantity, l.price, f.amount
    from billing.refunded_line f join billing.invoice_line l on l.clinic_id = f.clinic_id and l.id = f.line_id
    where f.reversal_id = :reversal order by l.position
    """,
    reversal=BigInteger,
)


async def settlement_of(ctx: Context, transaction_id: int) -> Settlement:
    """The movement of a patient's money that events name as `transaction_id`; two statements.

    For plugins that account for money by themselves: asks for no right. Raises `NotFound` for a transaction that moved
    nobody's money, such as an issued invoice.
    """
    row = await _MOVEMENT.row(ctx.db, transaction=transaction_id)
    if row is None:
        raise NotFound()
    return Settlement(
        transaction_id=row.id,
        kind="refund" if row.kind == "cancellation" else row.kind,
        patient_id=row.patient_id,
        legal_entity_id=row.legal_entity_id,
        branch_id=row.branch_id,
        invoice_id=row.invoice_id,
        number=row.number,
        cash=row.cash,
        cashless=row.cashless,
        deposit=row.deposit,
        total=row.total,
        paid_before=row.paid_before,
        due=row.due,
        lines=await _lines(ctx, row),
        reverses=row.reverses_id,
        staff_id=row.staff_id,
        cashier=full_name(row.last_name, row.first_name, row.patronymic) if row.staff_id else "",
        happened_at=row.happened_at,
        business_date=row.business_date,
    )


async def _lines(ctx: Context, movement: Any) -> tuple[SettledLine, ...]:
    if movement.invoice_id is None:
        return ()
    if movement.kind == "refund":
        rows = await _REFUNDED.rows(ctx.db, reversal=movement.reversal_id)
    else:
        rows = await _LINES.rows(ctx.db, invoice=movement.invoice_id, transaction=movement.id)
    return tuple(
        SettledLine(line_id=id, service_id=service, name=name, quantity=quantity, price=price, net_amount=amount)
        for id, service, name, quantity, price, amount in rows
    )
