"""A patient's images: adding, showing, deleting (DIAG-01)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from prikus.toolkit import (
    Changes,
    Context,
    Done,
    Invalid,
    Kept,
    NotFound,
    Patient,
    StaffMember,
    StoredFile,
    file_row,
    follow,
    full_name,
    short_name,
)
from prikus_imaging.events import KINDS
from prikus_imaging.models import DentalImage, Finding, ImageAnalysis
from prikus_imaging.schemas import (
    AnalysisDetails,
    FindingChange,
    ImageChange,
    ImageDetails,
    ImageRow,
    NewImage,
)
from prikus_imaging.services import analysing, findings
from prikus_imaging.services.connected import Services, services
from prikus_imaging.services.reaching import hold_patient, reach
from prikus_imaging.services.telling import changed, tell_added

VIEW, ADD, DELETE = "imaging.image.view", "imaging.image.add", "imaging.image.delete"
MOST = 200
"""Images of one patient on one page."""
EARLIEST = dt.date(1900, 1, 1)
LONGEST_COMMENT = 1000
original, preview = aliased(StoredFile), aliased(StoredFile)


def check_new(ctx: Context, new: NewImage) -> None:
    """Before the file is taken. Raises `Invalid` beside the fields, `Denied`."""
    ctx.require(ADD)
    mistakes = {}
    if new.taken_on > ctx.today(ctx.branch_id):
        mistakes["taken_on"] = "Дата снимка ещё не наступила."
    elif new.taken_on < EARLIEST:
        mistakes["taken_on"] = "Проверьте год."
    if new.comment and len(new.comment) > LONGEST_COMMENT:
        mistakes["comment"] = f"Слишком длинно: не больше {LONGEST_COMMENT} знаков."
    if mistakes:
        raise Invalid(mistakes)


async def add_image(ctx: Context, patient_id: int, new: NewImage, kept: Kept, small: Kept | None) -> Done:
    """Put an image whose files lie in the store into a patient's card. Raises `NotFound`, `Invalid`, `Denied`."""
    check_new(ctx, new)
    await hold_patient(ctx, patient_id)
    image = DentalImage(
        patient_id=patient_id,
        original_id=await file_row(ctx, kept),
        preview_id=None if small is None else await file_row(ctx, small),
        kind=new.kind,
        taken_on=new.taken_on,
        comment=new.comment,
    )
    ctx.db.add(image)
    await ctx.db.flush()
    await tell_added(ctx, image)
    return Done(image.id)


async def require_patient(ctx: Context, patient_id: int) -> str:
    """The patient's name. Raises `NotFound`."""
    names = (Patient.last_name, Patient.first_name, Patient.patronymic)
    row = (await ctx.db.execute(ctx.visible(Patient, *names).where(Patient.id == patient_id))).one_or_none()
    if row is None:
        raise NotFound()
    return full_name(*row)


async def delete_image(ctx: Context, image_id: int) -> int:
    """Put an image into the trash, its analysis is not gone on with; the patient. Raises `NotFound`, `Denied`."""
    ctx.require(DELETE)
    image = await ctx.load(DentalImage, image_id, lock=True)
    await findings.tell_again(ctx, image.id)
    await analysing.stop(ctx, [image.id], analysing.DELETED)
    ctx.soft_delete(image)
    await ctx.db.flush()
    words = f"Удалён снимок № {image.id}: {KINDS[image.kind]} от {image.taken_on:%d.%m.%Y}"
    await ctx.audit("imaging.image.deleted", "dental_image", image.id, words)
    changed(ctx, image)
    return image.patient_id


async def images(ctx: Context, patient_id: int) -> list[ImageRow]:
    """Images of a patient, newest first, up to 200. Raises `NotFound`, `Denied`."""
    ctx.require(VIEW)
    await require_patient(ctx, patient_id)
    query = _rows().where(DentalImage.patient_id == patient_id)
    newest = (DentalImage.taken_on.desc(), DentalImage.id.desc())
    rows = (await ctx.db.execute(query.order_by(*newest).limit(MOST))).all()
    known = await services(ctx)
    last = await analysing.last_of(ctx, [row.id for row in rows], known)
    return [_row(row, last.get(row.id), known) for row in rows]


async def image(ctx: Context, image_id: int) -> ImageDetails:
    """An image with everything that services said of it. Raises `NotFound`, `Denied`."""
    ctx.require(VIEW)
    row = (await ctx.db.execute(_rows().where(DentalImage.id == image_id))).one_or_none()
    if row is None:
        raise NotFound()
    known = await services(ctx)
    all_of = await analysing.all_of(ctx, image_id, known)
    found = await findings.of_analyses(ctx, [one.id for one in all_of])
    said = [AnalysisDetails(one, found[one.id]) for one in all_of]
    shown = _row(row, all_of[0] if all_of else None, known)
    return ImageDetails(shown, full_name(row.last_name, row.first_name, row.patronymic), said)


async def file_of(ctx: Context, image_id: int, *, small: bool) -> int:
    """The number of the image's file, or of its preview. Raises `NotFound`, `Denied`."""
    ctx.require(VIEW)
    found = await reach(ctx, image_id)
    file_id = found.preview_id if small else found.original_id
    if file_id is None:
        raise NotFound("Из этого снимка картинку сделать не удалось: скачайте его.")
    return file_id


async def changed_images(ctx: Context, since: str | None, limit: int) -> Changes[ImageChange]:
    """Images in the order of their last change. Raises `Invalid` for a strange cursor."""
    ctx.require(VIEW)
    return await follow(ctx, ImageChange, DentalImage, since, limit)


async def changed_findings(ctx: Context, since: str | None, limit: int) -> Changes[FindingChange]:
    """Findings in the order of their last change. Raises `Invalid` for a strange cursor.

    Those of an image that was put into the trash are told as deleted.
    """
    ctx.require(VIEW)
    columns = {"image_id": ImageAnalysis.image_id}
    gone = DentalImage.deleted_at.is_not(None)
    return await follow(ctx, FindingChange, Finding, since, limit, columns=columns, narrowed=_with_image, gone=gone)


def _with_image(query: Any) -> Any:
    of_analysis = and_(ImageAnalysis.clinic_id == Finding.clinic_id, ImageAnalysis.id == Finding.analysis_id)
    of_image = and_(DentalImage.clinic_id == ImageAnalysis.clinic_id, DentalImage.id == ImageAnalysis.image_id)
    return query.join(ImageAnalysis, of_analysis).join(DentalImage, of_image)


def _rows() -> Any:
    """Images of patients who are there, with files and authors, not deleted."""
    patient = and_(Patient.clinic_id == DentalImage.clinic_id, Patient.id == DentalImage.patient_id)
    author = and_(
        StaffMember.clinic_id == DentalImage.clinic_id,
        StaffMember.id == DentalImage.created_by_id,
        DentalImage.created_by_kind == "staff",
    )
    mine = [getattr(DentalImage, name) for name in ("id", "patient_id", "kind", "taken_on", "comment", "created_at")]
    file = (original.name.label("file_name"), original.media_type, original.size, preview.size.label("preview_size"))
    people = [*_names(Patient, ""), *_names(StaffMember, "author_")]
    return (
        select(*mine, *file, *people)
        .join(Patient, patient & Patient.deleted_at.is_(None))
        .outerjoin(StaffMember, author)
        .join(original, _is(original, DentalImage.original_id))
        .outerjoin(preview, _is(preview, DentalImage.preview_id))
        .where(DentalImage.deleted_at.is_(None))
    )


def _is(file: Any, column: Any) -> Any:
    return and_(file.clinic_id == DentalImage.clinic_id, file.id == column)


def _names(model: Any, prefix: str) -> list[Any]:
    return [getattr(model, part).label(f"{prefix}{part}") for part in ("last_name", "first_name", "patronymic")]


def _row(row: Any, analysis: Any, known: Services) -> ImageRow:
    author = (row.author_last_name, row.author_first_name, row.author_patronymic)
    return ImageRow(
        id=row.id,
        patient_id=row.patient_id,
        kind=row.kind,
        taken_on=row.taken_on,
        comment=row.comment,
        author=short_name(*author) if author[0] else None,
        created_at=row.created_at,
        has_preview=bool(row.preview_size),
        file_name=row.file_name,
        media_type=row.media_type,
        size=row.size,
        analysis=analysis,
        services=known.of(row.kind, row.media_type) if row.size else [],
    )


async def restored(ctx: Context, image: DentalImage) -> None:
    """An image came back from the trash, with its findings."""
    await findings.tell_again(ctx, image.id)
    changed(ctx, image)
