"""What providers and other plugins may use of imaging."""

from __future__ import annotations

from prikus.toolkit import ConnectionField, Context
from prikus_imaging.events import FindingDecided, ImageAdded, ImageAnalysed
from prikus_imaging.schemas import (
    FindingRow,
    Found,
    ImageDetails,
    ImageJob,
    ImageKind,
    ImageProvider,
    JobPatient,
    Step,
)
from prikus_imaging.services import album, findings
from prikus_imaging.services.handing import SEND_NAME, sends_name

__all__ = [
    "NAME_FIELD",
    "FindingDecided",
    "FindingRow",
    "Found",
    "ImageAdded",
    "ImageAnalysed",
    "ImageDetails",
    "ImageJob",
    "ImageKind",
    "ImageProvider",
    "JobPatient",
    "Step",
    "finding_of",
    "image_of",
    "sends_name",
]

NAME_FIELD = ConnectionField(
    SEND_NAME,
    "Имя пациента",
    "По умолчанию сервис получает номер карты вместо имени, а из файла снимка имя убирается.",
    is_required=False,
    choices=(("no", "Не передавать"), ("yes", "Передавать")),
)
"""The field of a provider's settings, `send_name: str = "no"`, by which a clinic lets patients' names go out."""


async def finding_of(ctx: Context, finding_id: int) -> FindingRow:
    """A finding in words, for those who hear `finding.decided`. Raises `NotFound`."""
    return await findings.one(ctx, finding_id)


async def image_of(ctx: Context, image_id: int) -> ImageDetails:
    """An image with its analyses and findings. Needs the right `imaging.image.view`. Raises `NotFound`."""
    return await album.image(ctx, image_id)
