"""Saying that an image or its analysis is somewhere else now."""

from __future__ import annotations

from prikus.toolkit import Context
from prikus_imaging.events import FindingDecided, ImageAdded, ImageAnalysed
from prikus_imaging.models import DentalImage, Finding, ImageAnalysis

LIVE = "imaging.images"
"""The channel of a patient's images; its ids are patients."""
WAITING = "imaging.waiting"


def changed(ctx: Context, image: DentalImage) -> None:
    ctx.changed(LIVE, image.patient_id)


async def tell_added(ctx: Context, image: DentalImage) -> None:
    changed(ctx, image)
    fact = ImageAdded(patient_id=image.patient_id, image_id=image.id, kind=image.kind, taken_on=image.taken_on)
    await ctx.emit(fact, image)


async def tell_analysed(ctx: Context, image: DentalImage, analysis: ImageAnalysis, findings: int) -> None:
    fact = ImageAnalysed(
        patient_id=image.patient_id,
        image_id=image.id,
        analysis_id=analysis.id,
        service=analysis.service,
        findings=findings,
    )
    await ctx.emit(fact, analysis)


async def tell_decided(ctx: Context, image: DentalImage, finding: Finding) -> None:
    changed(ctx, image)
    fact = FindingDecided(
        finding_id=finding.id,
        analysis_id=finding.analysis_id,
        image_id=image.id,
        patient_id=image.patient_id,
        decision=finding.decision,
    )
    await ctx.emit(fact, finding)
