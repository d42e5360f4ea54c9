"""What imaging contributes to pages of others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, select

from prikus.toolkit import (
    Context,
    Erasing,
    FeedKind,
    MenuItem,
    PatientRecords,
    StoredFile,
    Tab,
    TrashSection,
    hookimpl,
)
from prikus_imaging.events import KINDS
from prikus_imaging.models import DentalImage, Finding, ImageAnalysis
from prikus_imaging.services.album import restored
from prikus_imaging.services.analysing import forget

KIND = case(KINDS, value=DentalImage.kind)
STATES = {
    "queued": "в очереди",
    "sent": "отправлен",
    "processing": "анализируется",
    "ready": "готов",
    "needs_teeth": "нужно выбрать зубы",
    "failed": "не удался",
    "unclear": "неизвестно, принят ли",
}
DECISIONS = {"pending": "не решено", "accepted": "принята", "rejected": "отклонена"}


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Снимки", "photo", "/imaging/", 45, right="imaging.image.view")]


@hookimpl
def patient_tabs() -> list[Tab]:
    return [Tab("imaging", "Снимки", "photo", "/imaging/patients/{patient_id}", 30, "imaging.image.view")]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("images", "Снимки", ("image",))]


@hookimpl
def trash_sections() -> list[TrashSection]:
    note = select(StoredFile.name).where(_is(StoredFile, DentalImage.original_id)).scalar_subquery()
    return [
        TrashSection(
            "imaging.image",
            "Снимки",
            DentalImage,
            KIND,
            "imaging.image.delete",
            35,
            note=note,
            restore=restored,
        )
    ]


@hookimpl
def patient_records() -> list[PatientRecords]:
    file = select(StoredFile.name).where(_is(StoredFile, DentalImage.original_id)).scalar_subquery()
    image = {
        "Дата": DentalImage.taken_on,
        "Вид": KIND,
        "Файл": file,
        "Комментарий": DentalImage.comment,
    }
    analysis = {
        "Отправлен": ImageAnalysis.created_at,
        "Сервис": ImageAnalysis.service,
        "Состояние": case(STATES, value=ImageAnalysis.state),
        "Отчёт": ImageAnalysis.report_url,
    }
    finding = {
        "Зуб": Finding.tooth,
        "Находка": Finding.title,
        "Значение": Finding.value,
        "Единица": Finding.unit,
        "Решение врача": case(DECISIONS, value=Finding.decision),
    }
    of_image = select(DentalImage.patient_id).where(_is(DentalImage, ImageAnalysis.image_id)).scalar_subquery()
    of_finding = (
        select(DentalImage.patient_id)
        .join(ImageAnalysis, _is(DentalImage, ImageAnalysis.image_id))
        .where(_is(ImageAnalysis, Finding.analysis_id))
        .scalar_subquery()
    )
    return [
        PatientRecords("Снимки", DentalImage, DentalImage.patient_id, image, 40),
        PatientRecords("Анализы снимков", ImageAnalysis, of_image, analysis, 41),
        PatientRecords("Находки на снимках", Finding, of_finding, finding, 42),
    ]


def _is(model: Any, column: Any) -> Any:
    """The row of the same clinic that a column names."""
    return (model.clinic_id == column.class_.clinic_id) & (model.id == column)


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """Nothing of the patient leaves any more."""
    await forget(ctx, erasing.patient_id)
