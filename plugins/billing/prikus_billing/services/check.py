"""Proving that what is kept agrees with what it is derived from (reliability 8, 9)."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CHECKS = {
    "Проводка {0} не сходится: сумма записей {1}.": """
        select transaction_id, sum(amount) from billing.ledger_entry
        group by clinic_id, transaction_id having sum(amount) <> 0
    """,
    "Счёт {0} (id): строки дают {1}, в счёте {2}.": """
        select i.id, coalesce(sum(l.net_amount), 0), i.total from billing.invoice i
        left join billing.invoice_line l on l.clinic_id = i.clinic_id and l.invoice_id = i.id
        group by i.clinic_id, i.id, i.total having coalesce(sum(l.net_amount), 0) <> i.total
    """,
    "Счёт {0} (id): по книге начислено {1}, оплачено {2}, возвращено {3}, в счёте {4}, {5} и {6}, состояние {7}.": """
        select id, owed, received, returned, total, paid, refunded, status from (
          select i.id, i.total, i.paid, i.refunded, i.status,
            coalesce(sum(e.amount) filter (where t.kind = 'invoice' and e.account = 'receivable'), 0) as owed,
            coalesce(-sum(e.amount) filter (where t.kind = 'payment' and e.account = 'receivable'), 0) as received,
            coalesce(sum(e.amount) filter (where t.kind = 'refund' and e.account = 'revenue'), 0) as returned,
            coalesce(sum(e.amount) filter (where e.account = 'receivable'), 0) as due
          from billing.invoice i
          left join billing.ledger_entry e on e.clinic_id = i.clinic_id and e.invoice_id = i.id
          left join billing.ledger_transaction t on t.clinic_id = e.clinic_id and t.id = e.transaction_id
          group by i.clinic_id, i.id, i.total, i.paid, i.refunded, i.status) derived
        where owed <> total or received <> paid or returned <> refunded
          or due <> case status when 'cancelled' then 0 else total - paid end
          or status <> 'cancelled' and status <> case
            when returned > 0 and returned = owed then 'refunded' when returned > 0 then 'partly_refunded'
            when received = owed then 'paid' when received = 0 then 'issued' else 'partly_paid' end
    """,
    "Счёт {0} (id): по строкам возвращено {1}, в счёте {2}.": """
        select i.id, coalesce(sum(f.amount), 0), i.refunded from billing.invoice i
        join billing.reversal r on r.clinic_id = i.clinic_id and r.invoice_id = i.id and r.kind = 'refund'
        left join billing.refunded_line f on f.clinic_id = r.clinic_id and f.reversal_id = r.id
        group by i.clinic_id, i.id, i.refunded having coalesce(sum(f.amount), 0) <> i.refunded
    """,
    "Строка счёта {0} (id): продано {1}, возвращено {2}.": """
        select l.id, l.quantity, sum(f.quantity) from billing.invoice_line l
        join billing.refunded_line f on f.clinic_id = l.clinic_id and f.line_id = l.id
        group by l.clinic_id, l.id, l.quantity having sum(f.quantity) > l.quantity
    """,
    "Депозит пациента {0} (id) у юридического лица {1} (id) отрицательный: {2}.": """
        select patient_id, legal_entity_id, -sum(amount) from billing.ledger_entry where account = 'deposit'
        group by clinic_id, patient_id, legal_entity_id having sum(amount) > 0
    """,
    "Смена {0} (id): по книге в кассе {1}, при закрытии записано {2}.": """
        select s.id, s.opening + coalesce(moved.amount, 0) + coalesce(taken.amount, 0), s.expected
        from billing.cash_shift s
        left join lateral (
          select sum(m.amount) as amount from billing.cash_movement m
          where m.clinic_id = s.clinic_id and m.shift_id = s.id) moved on true
        left join lateral (
          select sum(e.amount) as amount from billing.ledger_transaction t
          join billing.ledger_entry e on e.clinic_id = t.clinic_id and e.transaction_id = t.id and e.account = 'cash'
          where t.clinic_id = s.clinic_id and t.shift_id = s.id) taken on true
        where s.closed_at is not null
          and s.opening + coalesce(moved.amount, 0) + coalesce(taken.amount, 0) <> s.expected
    """,
    "Оплата {0} (id): по книге {1}, в оплате {2}.": """
        select p.id, coalesce(sum(e.amount), 0), p.amount from billing.payment p left join billing.ledger_entry e
          on e.clinic_id = p.clinic_id and e.payment_id = p.id and e.account in ('cash', 'cashless')
        group by p.clinic_id, p.id, p.amount having coalesce(sum(e.amount), 0) <> p.amount
    """,
    "Номера счетов юридического лица {0} (id) с пропусками: счетов {1}, последний номер {2}, счётчик {3}.": """
        select i.legal_entity_id, count(*), max(i.number), c.value from billing.invoice i
        left join core.counter c on c.clinic_id = i.clinic_id and c.series = 'invoice' || i.series
          and c.legal_entity_id = i.legal_entity_id
        group by i.clinic_id, i.legal_entity_id, i.series, c.value
        having count(*) <> max(i.number) or min(i.number) <> 1 or max(i.number) is distinct from c.value
    """,
}


async def check_ledger(db: AsyncSession) -> list[str]:
    """What does not agree, a sentence each; empty when all is well. Looks at the clinics that `db` may see."""
    return [sentence.format(*row) for sentence, query in CHECKS.items() for row in await db.execute(text(query))]
