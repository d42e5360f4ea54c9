from __future__ import annotations

from sqlalchemy import func, select

from prikus.toolkit import Conflict, Context, Erasing, ExportFile, Exporting, Merging, PatientRecords, hookimpl
from prikus_samovar.models import Coin, Guest, Visit


@hookimpl
def patient_records() -> list[PatientRecords]:
    columns = {"День": Visit.day, "Пожелание": Visit.wish}
    return [PatientRecords("Чаепития", Visit, Visit.patient_id, columns, 90)]


@hookimpl
async def patient_merging(ctx: Context, merging: Merging) -> None:
    if await ctx.db.scalar(select(Guest.id).where(Guest.habits == "один", Guest.patient_id == merging.gone_id)):
        raise Conflict("Этот гость пьёт чай один: пересадите его и повторите.")


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    if await ctx.db.scalar(select(func.sum(Coin.amount)).where(Coin.patient_id == erasing.patient_id)):
        raise Conflict("Гость должен за чай: сначала рассчитайтесь.")


@hookimpl
async def patient_exporting(ctx: Context, exporting: Exporting) -> list[ExportFile]:
    return [ExportFile("чай.txt", f"Гость {exporting.patient_id}".encode())]
