"""Facts about images."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from prikus.toolkit import Event, FeedLine, PatientFact

KINDS = {
    "panoramic": "Панорамный снимок",
    "bitewing": "Интерпроксимальный снимок",
    "periapical": "Прицельный снимок",
    "cbct": "КЛКТ",
}
"""Kinds of images in words; the keys are the closed set of the database."""


class ImageAdded(PatientFact, frozen=True, kw_only=True):
    """An image was added to a patient's card (DIAG-01)."""

    name: ClassVar[str] = "image.added"
    image_id: int
    kind: str
    taken_on: dt.date

    def feed_line(self) -> FeedLine:
        text = f"{KINDS.get(self.kind, self.kind)} от {self.taken_on:%d.%m.%Y}"
        return FeedLine("Добавлен снимок", text, f"/imaging/images/{self.image_id}", "photo")


class ImageAnalysed(PatientFact, frozen=True, kw_only=True):
    """Findings of an image came from a service; `findings` is how many it has now."""

    name: ClassVar[str] = "image.analysed"
    image_id: int
    analysis_id: int
    service: str
    findings: int

    def feed_line(self) -> FeedLine:
        text = f"{self.service}: находок – {self.findings}"
        return FeedLine("Снимок проанализирован", text, f"/imaging/images/{self.image_id}", "sparkles")


class FindingDecided(Event, frozen=True, kw_only=True):
    """A doctor accepted or rejected a finding, or took that back: `decision` is accepted, rejected or pending.

    Words and values are read by `public.finding_of`.
    """

    name: ClassVar[str] = "finding.decided"
    finding_id: int
    analysis_id: int
    image_id: int
    patient_id: int
    decision: str
