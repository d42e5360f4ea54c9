"""How much of the disk a clinic has and uses, by its plan (SET-01)."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select, text

from prikus.access.context import Context
from prikus.errors import Invalid
from prikus.files.models import StoredFile
from prikus.ui.filters import file_size


class DiskUse(msgspec.Struct, frozen=True):
    """In bytes. `total` is None where the plan sets no limit."""

    used: int
    total: int | None

    @property
    def free(self) -> int | None:
        return None if self.total is None else max(0, self.total - self.used)


async def disk_use(ctx: Context) -> DiskUse:
    """What the clinic's files take, and what its plan gives."""
    used = await ctx.db.scalar(select(func.coalesce(func.sum(StoredFile.size), 0)))
    return DiskUse(int(used or 0), await ctx.db.scalar(text("select core.disk_quota()")))


async def take_turn(ctx: Context) -> None:
    """One file of a clinic after the other, until the end of the transaction."""
    key = f"files {ctx.clinic.id}"
    await ctx.db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def refuse_when_full(ctx: Context, size: int, field: str) -> None:
    """Raise `Invalid` beside `field` unless so many bytes more have room."""
    use = await disk_use(ctx)
    if use.total is not None and use.used + size > use.total:
        raise Invalid(
            {
                field: f"На диске клиники не хватает места: занято {file_size(use.used)} из {file_size(use.total)}, "
                f"в файле {file_size(size)}. Удалите ненужные файлы или перейдите на другой тариф."
            }
        )
