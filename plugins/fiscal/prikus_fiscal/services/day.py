"""What the registers of a branch printed in a day, for «Кассовый лист дня» (BILL-01)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Date

from prikus.toolkit import Context, prepared_sql
from prikus_fiscal.schemas import RegisterDay

_DAY = prepared_sql(
    """
    select g.name, count(*) filter (where r.state = 'done'),
      coalesce(sum(s.sign * p.cash) filter (where r.state = 'done'), 0),
      coalesce(sum(s.sign * p.electronic) filter (where r.state = 'done'), 0),
      count(*) filter (where r.state not in ('done', 'resolved')),
      coalesce(sum(s.sign * (p.cash + p.electronic)) filter (where r.state not in ('done', 'resolved')), 0)
    from fiscal.fiscal_receipt r
    left join fiscal.cash_register g on g.clinic_id = r.clinic_id and g.id = r.register_id
    cross join lateral (
      select coalesce(sum((one->>'amount')::numeric) filter (where one->>'by' = 'cash'), 0) as cash,
        coalesce(sum((one->>'amount')::numeric) filter (where one->>'by' = 'electronic'), 0) as electronic
      from jsonb_array_elements(r.content->'payments') one) p
    cross join lateral (select case when r.kind in ('sell', 'sell_correction') then 1 else -1 end as sign) s
    where r.branch_id = :branch and r.legal_entity_id = :entity and r.business_date = :day
    group by g.name order by g.name
    """,
    branch=BigInteger,
    entity=BigInteger,
    day=Date,
)


async def by_register(ctx: Context, branch_id: int, legal_entity_id: int, day: dt.date) -> list[RegisterDay]:
    """Each register's sums, returns taken off; what is not printed yet stands apart. One statement."""
    ctx.require("fiscal.receipt.view")
    rows = await _DAY.rows(ctx.db, branch=branch_id, entity=legal_entity_id, day=day)
    return [RegisterDay(*row) for row in rows]
