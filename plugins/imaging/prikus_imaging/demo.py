"""Images of two patients of a demo clinic, drawn anew; a service has looked at one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from prikus.toolkit import Demo, FileKind, PastFact, Patient, StaffProfession, furnish_file, tell_past
from prikus_imaging.drawing import HEIGHT, WIDTH, panorama
from prikus_imaging.events import ImageAdded, ImageAnalysed
from prikus_imaging.models import DentalImage, Finding, ImageAnalysis
from prikus_imaging.services.steps import NEEDS_TEETH

SERVICE = "Пробный анализ"
DAYS = (9, 380, 2)
"""How long ago the images were taken: two of the first patient, one of the second."""
MORNING = dt.time(7, 30)
FOUND: Sequence[dict[str, Any]] = (
    {"tooth": "46", "code": "missing", "title": "Зуб отсутствует"},
    {"tooth": "36", "code": "filling", "title": "Пломба", "decision": "accepted"},
    {"tooth": "37", "code": "caries", "title": "Кариес"},
    {"tooth": "16", "code": "caries", "title": "Кариес", "decision": "rejected"},
    {
        "tooth": "36",
        "code": "bone-loss",
        "site": "медиально",
        "title": "Убыль кости",
        "kind": "measurement",
        "value": Decimal("2.1"),
        "unit": "мм",
    },
)


async def load(demo: Demo) -> None:
    first, second = (await demo.db.scalars(select(Patient.id).order_by(Patient.id).limit(2))).all()
    owners, random = (first, first, second), demo.random("imaging")
    doctor = await demo.db.scalar(select(StaffProfession.staff_id).order_by(StaffProfession.staff_id).limit(1))
    rows: list[dict[str, Any]] = []
    for patient, days in zip(owners, DAYS, strict=True):
        taken = demo.today - dt.timedelta(days=days)
        data = panorama(random, missing=frozenset({2}), filled=frozenset({13} if days < DAYS[1] else ()))
        file = await furnish_file(demo, data, f"ОПТГ {taken:%d.%m.%Y}.png", FileKind.PNG, WIDTH, HEIGHT)
        about = {"kind": "panoramic", "taken_on": taken, "created_at": dt.datetime.combine(taken, MORNING, dt.UTC)}
        about |= {"created_by_kind": "staff", "created_by_id": doctor}
        rows.append({"patient_id": patient, "original_id": file, "preview_id": file, **about})
    rows[1]["comment"] = "Принёс из другой клиники"
    ids = await demo.add(DentalImage, rows, "снимки")
    await _analysed(demo, ids, rows)


async def _analysed(demo: Demo, ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
    """Findings of the first image; of the last one the service wants to know the teeth."""
    done = [rows[n]["created_at"] + dt.timedelta(minutes=4) for n in (0, 2)]
    analyses = await demo.add(
        ImageAnalysis,
        [
            {"image_id": ids[0], "state": "ready", "error": None, "finished_at": done[0]} | _about(done[0]),
            {"image_id": ids[2], "state": "needs_teeth", "error": NEEDS_TEETH, "finished_at": done[1]}
            | _about(done[1]),
        ],
    )
    plain = {"site": "", "kind": "condition", "value": None, "unit": None, "decision": "pending", "decided_at": None}
    told = [plain | one | ({"decided_at": done[0]} if "decision" in one else {}) for one in FOUND]
    await demo.add(Finding, [{"analysis_id": analyses[0], **one} for one in told], "находки")
    facts = [PastFact(_added(id, row), row["created_at"], None) for id, row in zip(ids, rows, strict=True)]
    said = ImageAnalysed(
        patient_id=rows[0]["patient_id"],
        image_id=ids[0],
        analysis_id=analyses[0],
        service=SERVICE,
        findings=len(FOUND),
    )
    facts.append(PastFact(said, done[0], None))
    await tell_past(demo, sorted(facts, key=lambda fact: fact.at), "события снимков")


def _about(done: dt.datetime) -> dict[str, Any]:
    began = done - dt.timedelta(minutes=3)
    return {"service": SERVICE, "next_at": None, "created_at": began, "state_at": done, "refs": {}}


def _added(id: int, row: dict[str, Any]) -> ImageAdded:
    return ImageAdded(patient_id=row["patient_id"], image_id=id, kind=row["kind"], taken_on=row["taken_on"])
