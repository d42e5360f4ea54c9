"""Findings: taken in once, decided by a doctor (DIAG-08)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Context, NotFound, StaffMember, short_name, storable
from prikus_imaging.models import Finding, ImageAnalysis
from prikus_imaging.schemas import Decision, FindingRow, Found
from prikus_imaging.services.reaching import reach
from prikus_imaging.services.telling import tell_decided

RIGHT = "imaging.finding.decide"
KEY = ("clinic_id", "analysis_id", "tooth", "code", "site")
SAID = ("title", "kind", "value", "unit", "source")
WORDS = {"accepted": "Принята", "rejected": "Отклонена", "pending": "Снова не решена"}


async def keep(ctx: Context, analysis_id: int, found: Sequence[Found], *, is_all: bool) -> int:
    """Take findings in; how many the analysis has now. What is known already is written anew, its decision stays.

    When the service says with them all that it found, what it said before is no suggestion any more.
    """
    rows = {tuple(storable(word or "") for word in (one.tooth, one.code, one.site)): one for one in found}
    values = [
        {"analysis_id": analysis_id, "tooth": tooth, "code": code, "site": site, **_said(one)}
        for (tooth, code, site), one in rows.items()
    ]
    if values:
        new = insert(Finding)
        said = {name: new.excluded[name] for name in SAID}
        differs = func.row(*(getattr(Finding, name) for name in SAID)).is_distinct_from(func.row(*said.values()))
        kept = new.on_conflict_do_update(index_elements=KEY, set_=said, where=differs)
        await ctx.db.execute(kept, values)
    if is_all:
        await _drop(ctx, analysis_id, rows.keys())
    query = select(func.count()).select_from(Finding).where(Finding.analysis_id == analysis_id)
    return await ctx.db.scalar(query) or 0


async def _drop(ctx: Context, analysis_id: int, said: Collection[tuple[str, ...]]) -> None:
    """Suggestions that nobody has decided about and the service does not make any more."""
    is_open = Finding.analysis_id == analysis_id, Finding.decision == "pending"
    known = await ctx.db.execute(select(Finding.id, Finding.tooth, Finding.code, Finding.site).where(*is_open))
    gone = [id for id, *key in known if tuple(key) not in said]
    if gone:
        wanted = any_(literal(gone, ARRAY(BigInteger)))
        await ctx.db.execute(delete(Finding).where(Finding.id == wanted, *is_open))


def _said(one: Found) -> dict[str, Any]:
    return {
        "title": storable(one.title),
        "kind": one.kind,
        "value": one.value,
        "unit": storable(one.unit) or None,
        "source": one.source,
    }


async def decide(ctx: Context, finding_id: int, decision: Decision) -> int:
    """Accept or reject a finding, or take that back; the number of its image. Raises `NotFound`, `Denied`."""
    ctx.require(RIGHT)
    finding = await ctx.load(Finding, finding_id, lock=True)
    analysis = await ctx.load(ImageAnalysis, finding.analysis_id)
    image = await reach(ctx, analysis.image_id)
    if finding.decision == decision:
        return image.id
    finding.decision = decision
    is_open = decision == "pending"
    finding.decided_at = None if is_open else ctx.now()
    finding.decided_by_id = ctx.actor.id if ctx.actor.kind == "staff" and not is_open else None
    await ctx.db.flush()
    sentence = f"{WORDS[decision]} находка № {finding.id} на снимке № {image.id}"
    await ctx.audit("imaging.finding.decided", "finding", finding.id, sentence)
    await tell_decided(ctx, image, finding)
    return image.id


async def tell_again(ctx: Context, image_id: int) -> None:
    """Let programs hear of the image's findings: it went into the trash or came back.

    The analyses are locked first, as a worker does who writes findings down.
    """
    mine = select(ImageAnalysis.id).where(ImageAnalysis.image_id == image_id).order_by(ImageAnalysis.id)
    analyses = (await ctx.db.scalars(mine.with_for_update())).all()
    same_version = update(Finding).where(Finding.analysis_id.in_(analyses)).values(row_version=0)
    await ctx.db.execute(same_version.execution_options(synchronize_session=False))


async def of_analyses(ctx: Context, analysis_ids: Sequence[int]) -> dict[int, list[FindingRow]]:
    """Findings of analyses: what a person marked at the service first, then by tooth."""
    found: dict[int, list[FindingRow]] = {id: [] for id in analysis_ids}
    if not analysis_ids:
        return found
    query = _rows().where(Finding.analysis_id.in_(analysis_ids))
    by = (Finding.source.desc(), Finding.tooth, Finding.kind, Finding.title, Finding.id)
    for row in await ctx.db.execute(query.order_by(*by)):
        found[row.analysis_id].append(_row(row))
    return found


async def one(ctx: Context, finding_id: int) -> FindingRow:
    """Raises `NotFound`."""
    row = (await ctx.db.execute(_rows().where(Finding.id == finding_id))).one_or_none()
    if row is None:
        raise NotFound()
    return _row(row)


def _rows() -> Any:
    by = (StaffMember.clinic_id == Finding.clinic_id) & (StaffMember.id == Finding.decided_by_id)
    names = [StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic]
    plain = [getattr(Finding, name) for name in FindingRow.__struct_fields__ if name != "decided_by"]
    return select(*plain, *names).outerjoin(StaffMember, by)


def _row(row: Any) -> FindingRow:
    said = {name: getattr(row, name) for name in FindingRow.__struct_fields__ if name != "decided_by"}
    said |= {"tooth": row.tooth or None, "site": row.site or None}
    by = short_name(row.last_name, row.first_name, row.patronymic) if row.last_name else None
    return FindingRow(**said, decided_by=by)
