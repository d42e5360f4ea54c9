"""«Анализ»: an image goes into the queue of a service, its results are asked for; what needs a person (DIAG-07)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from prikus.toolkit import Conflict, Context, Invalid, Patient, full_name, read_page
from prikus_imaging.models import DentalImage, ImageAnalysis
from prikus_imaging.schemas import AnalysisRow, Started, WaitingPage, WaitingRow, Wish
from prikus_imaging.services.connected import Services, services
from prikus_imaging.services.handing import media_type_of
from prikus_imaging.services.reaching import reach
from prikus_imaging.services.steps import ERASED, ask_now, give_up
from prikus_imaging.services.telling import WAITING, changed

VIEW, START = "imaging.image.view", "imaging.analysis.start"
ON_ITS_WAY = ("queued", "sent", "processing", "needs_teeth", "unclear")
REPEATED = "Отправлен ещё раз."
DELETED = "Снимок удалён."
NOT_CONNECTED = "Сервис анализа снимков не подключён. Подключите его в «API Интеграции»."
UNNAMED = "Подключено несколько сервисов: выберите, какой проанализирует снимок."
NOT_TAKEN = "Этот сервис такие снимки не анализирует."
NO_FILE = "Файла снимка нет: данные пациента стёрты."
ALREADY = "Снимок уже у этого сервиса. Нажмите «Загрузить результаты»."
NOTHING_TO_LOAD = "Загружать нечего: анализ не удался. Отправьте снимок ещё раз."
NOT_THE_LAST = "Снимок отправляли этому сервису ещё раз: загрузите результаты последнего анализа."
OFF = "Сервис, который анализировал снимок, отключён. Подключите его в «API Интеграции»."
PAGE = 30
"""Lines on a page of what needs a person."""
NEEDS_A_PERSON = or_(
    ImageAnalysis.state.in_(("failed", "unclear", "needs_teeth")),
    and_(ImageAnalysis.state.in_(("queued", "sent", "processing")), ImageAnalysis.next_at.is_(None)),
)
COLUMNS = (
    *("id", "image_id", "connection_id", "service", "state", "error", "report_url", "created_at", "finished_at"),
    *("next_at", "is_at_work"),
)


async def start(ctx: Context, image_id: int, wish: Wish) -> Started:
    """Put an image into the queue of a service; who calls this wakes the queue.

    With `again` also one that this service had before, which may cost money. Raises `NotFound`, `Denied`, `Conflict`
    while no service is connected or the image is at the service already, `Invalid` beside `connection_id`.
    """
    ctx.require(START)
    image = await reach(ctx, image_id, lock=True)
    known = await services(ctx)
    connection_id = await _chosen(ctx, image, known, wish.connection_id)
    mine = ImageAnalysis.image_id == image_id, ImageAnalysis.connection_id == connection_id
    query = select(ImageAnalysis).where(*mine).order_by(ImageAnalysis.id.desc()).limit(1)
    earlier = await ctx.db.scalar(query.with_for_update())
    if earlier is not None:
        _let_go(ctx, earlier, again=wish.again)
        await ctx.db.flush()
    made = ImageAnalysis(image_id=image_id, connection_id=connection_id, service=known.name(connection_id))
    ctx.db.add(made)
    await ctx.db.flush()
    await ctx.audit("imaging.analysis.started", "dental_image", image_id, f"Снимок № {image_id}: {made.service}")
    _changed(ctx, image)
    return Started(made.id, connection_id)


async def _chosen(ctx: Context, image: DentalImage, known: Services, wanted: int | None) -> int:
    if not known.infos:
        raise Conflict(NOT_CONNECTED)
    media_type = await media_type_of(ctx, image)
    if media_type is None:
        raise Conflict(NO_FILE)
    takes = known.of(image.kind, media_type)
    if wanted is None and len(takes) > 1:
        raise Invalid({"connection_id": UNNAMED})
    if not takes or (wanted is not None and wanted not in takes):
        raise Invalid({"connection_id": NOT_TAKEN})
    return wanted or takes[0]


def _let_go(ctx: Context, earlier: ImageAnalysis, *, again: bool) -> None:
    """An earlier analysis at the same service gives way only where it is over, or a person gives it up."""
    if earlier.state == "failed":
        return
    rests = earlier.next_at is None and not earlier.is_at_work
    if not again or not rests:
        raise Conflict(ALREADY)
    if earlier.state != "ready":
        give_up(earlier, REPEATED, ctx.now())


async def load_results(ctx: Context, analysis_id: int) -> int:
    """«Загрузить результаты»: ask at once; the connection whose queue is to be woken.

    Raises `NotFound`, `Denied`, `Conflict` for an analysis that has ended or whose service is off.
    """
    ctx.require(START)
    analysis = await ctx.load(ImageAnalysis, analysis_id, lock=True)
    image = await reach(ctx, analysis.image_id)
    if analysis.state == "failed":
        raise Conflict(NOTHING_TO_LOAD)
    if await _is_repeated(ctx, analysis):
        raise Conflict(NOT_THE_LAST)
    if await media_type_of(ctx, image) is None:
        raise Conflict(NO_FILE)
    if analysis.connection_id is None or analysis.connection_id not in await services(ctx):
        raise Conflict(OFF)
    ask_now(analysis, ctx.now())
    await ctx.db.flush()
    _changed(ctx, image)
    return analysis.connection_id


async def _is_repeated(ctx: Context, analysis: ImageAnalysis) -> bool:
    """Whether the same service has had the image once more since."""
    same = ImageAnalysis.image_id == analysis.image_id, ImageAnalysis.connection_id == analysis.connection_id
    later = select(ImageAnalysis.id).where(*same, ImageAnalysis.id > analysis.id).limit(1)
    return await ctx.db.scalar(later) is not None


def _changed(ctx: Context, image: DentalImage) -> None:
    changed(ctx, image)
    ctx.changed(WAITING)


async def stop(ctx: Context, image_ids: Sequence[int], sentence: str) -> None:
    """Nothing is sent and asked any more about these images.

    What is at work just now is for its worker to write down. It is locked all the same: the worker writes before what
    the caller changes, or sees it.
    """
    due = ImageAnalysis.image_id.in_(image_ids), ImageAnalysis.next_at.is_not(None)
    for analysis in await ctx.db.scalars(
        select(ImageAnalysis).where(*due).order_by(ImageAnalysis.id).with_for_update()
    ):
        if analysis.is_at_work:
            continue
        if analysis.state == "queued":
            give_up(analysis, sentence, ctx.now())
        else:
            analysis.next_at = None
    await ctx.db.flush()


async def forget(ctx: Context, patient_id: int) -> None:
    """Before a patient's data are erased: nothing of them leaves any more."""
    of_patient = select(DentalImage.id).where(DentalImage.patient_id == patient_id)
    await stop(ctx, list(await ctx.db.scalars(of_patient)), ERASED)


async def last_of(ctx: Context, image_ids: Sequence[int], known: Services) -> dict[int, AnalysisRow]:
    """The last analysis of each image that has one."""
    if not image_ids:
        return {}
    last = select(func.max(ImageAnalysis.id)).where(ImageAnalysis.image_id.in_(image_ids))
    rows = await ctx.db.execute(_rows().where(ImageAnalysis.id.in_(last.group_by(ImageAnalysis.image_id))))
    return {row.image_id: _row(row, known) for row in rows}


async def all_of(ctx: Context, image_id: int, known: Services) -> list[AnalysisRow]:
    """Analyses of an image, newest first; only with the newest of a service something can be done."""
    query = _rows().where(ImageAnalysis.image_id == image_id).order_by(ImageAnalysis.id.desc())
    found: list[AnalysisRow] = []
    for row in await ctx.db.execute(query):
        is_newest = row.connection_id not in {one.connection_id for one in found}
        one = _row(row, known)
        found.append(one if is_newest else msgspec.structs.replace(one, can_load=False, can_repeat=False))
    return found


async def waiting(ctx: Context, *, after: str | None = None, before: str | None = None) -> WaitingPage:
    """Analyses that wait for a person, newest first, 30 to a page: the last of each image and service.

    `after` and `before` are cursors of its making.
    """
    ctx.require(VIEW)
    later = aliased(ImageAnalysis)
    of_image = later.clinic_id == ImageAnalysis.clinic_id, later.image_id == ImageAnalysis.image_id
    newer = select(later.id).where(*of_image, later.service == ImageAnalysis.service, later.id > ImageAnalysis.id)
    columns = (DentalImage.kind, DentalImage.taken_on, DentalImage.patient_id)
    names = (Patient.last_name, Patient.first_name, Patient.patronymic)
    image = and_(DentalImage.clinic_id == ImageAnalysis.clinic_id, DentalImage.id == ImageAnalysis.image_id)
    patient = and_(Patient.clinic_id == DentalImage.clinic_id, Patient.id == DentalImage.patient_id)
    query = (
        _rows()
        .add_columns(*columns, *names)
        .join(DentalImage, image & DentalImage.deleted_at.is_(None))
        .join(Patient, patient & Patient.deleted_at.is_(None))
        .where(NEEDS_A_PERSON, ~newer.exists())
    )
    known = await services(ctx)
    by = (ImageAnalysis.created_at, ImageAnalysis.id)
    found = await read_page(ctx.db, query, by, lambda row: _waiting(row, known), after=after, before=before, size=PAGE)
    return WaitingPage(*found)


def _waiting(row: Any, known: Services) -> WaitingRow:
    return WaitingRow(
        analysis=_row(row, known),
        kind=row.kind,
        taken_on=row.taken_on,
        patient_id=row.patient_id,
        patient=full_name(row.last_name, row.first_name, row.patronymic),
    )


def _rows() -> Any:
    return select(*(getattr(ImageAnalysis, name) for name in COLUMNS))


def _row(row: Any, known: Services) -> AnalysisRow:
    is_there = row.connection_id in known
    is_stuck = row.next_at is None and not row.is_at_work
    return AnalysisRow(
        id=row.id,
        image_id=row.image_id,
        connection_id=row.connection_id,
        service=row.service,
        state=row.state,
        error=row.error,
        report_url=row.report_url,
        asked_at=row.created_at,
        finished_at=row.finished_at,
        can_load=is_there and row.state != "failed",
        can_repeat=is_there and (row.state == "failed" or is_stuck),
    )
