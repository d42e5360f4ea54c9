"""What must be true of the rows of all clinics together, looked at past their policies (reliability 14)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

KEYS = text("""
    select k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent, k.conname as key,
      (select array_agg(quote_ident(a.attname) order by u.place) from unnest(k.conkey) with ordinality u(number, place)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as own,
      (select array_agg(quote_ident(a.attname) order by u.place) from unnest(k.confkey) with ordinality u(number, place)
         join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number) as its
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(:schemas) and k.contype = 'f' order by 1, 3
""")
TRUTHS = {
    "Клиника {0}: ключ «{1}» записан без исхода: нажатие наполовину сохранено.": """
        select clinic_id, key from core.idempotency_key where outcome is null
    """,
    "Клиника {0}: работа {1} ({2}) ссылается на событие или задание, которого нет.": """
        select w.clinic_id, w.id, w.kind from core.work w where not exists (
          select 1 from core.outbox_event e
          where w.kind like 'listener:%' and e.clinic_id = w.clinic_id and e.id = w.ref
          union all
          select 1 from core.job_request j
          where w.kind like 'job:%' and j.clinic_id = w.clinic_id and j.id = w.ref)
    """,
}


async def untruths(maint: AsyncConnection, schemas: Sequence[str]) -> list[str]:
    """What is not true, a sentence each; empty when all is well. `maint` must see the rows of every clinic."""
    found = await _pointing_elsewhere(maint, schemas)
    for sentence, query in TRUTHS.items():
        found += [sentence.format(*row) for row in await maint.execute(text(query))]
    return found


async def _pointing_elsewhere(maint: AsyncConnection, schemas: Sequence[str]) -> list[str]:
    """Rows whose reference finds nothing in their own clinic: the target is another clinic's, or gone."""
    found = []
    for key in (await maint.execute(KEYS, {"schemas": list(schemas)})).all():
        same = " and ".join(f"p.{its} = c.{own}" for own, its in zip(key.own, key.its, strict=True))
        whole = " and ".join(f"c.{own} is not null" for own in key.own)
        there = f"select 1 from {key.parent} p where {same}"
        query = f"select count(*) from {key.child} c where {whole} and not exists ({there})"
        if lost := await maint.scalar(text(query)):
            found.append(f"{key.child}: строк, чья ссылка {key.key} ведёт в другую клинику или в никуда: {lost}.")
    return found
