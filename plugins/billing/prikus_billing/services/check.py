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
    "Счёт {0} (id): по книге начислено {1} и оплачено {2}, в счёте {3} и {4}, состояние {5}.": """
        select id, owed, received, total, paid, status from (
          select i.id, i.total, i.paid, i.status,
            coalesce(sum(e.amount) filter (where e.payment_id is null), 0) as owed,
            coalesce(-sum(e.amount) filter (where e.payment_id is not null), 0) as received
          from billing.invoice i left join billing.ledger_entry e
            on e.clinic_id = i.clinic_id and e.invoice_id = i.id and e.account = 'receivable'
          where i.status <> 'cancelled' group by i.clinic_id, i.id, i.total, i.paid, i.status) derived
        where owed <> total or received <> paid
          or status <> case when received = owed then 'paid' when received = 0 then 'issued' else 'partly_paid' end
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
