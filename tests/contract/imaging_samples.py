"""One request at least for each route of imaging that needs neither a file nor a connected service."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from itertools import count
from typing import Any

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Bound, Id, Sample
from prikus.toolkit import DENTAL_IMAGES, StoredFile, file_row, keep_bytes
from prikus_imaging.models import DentalImage, Finding, ImageAnalysis
from prikus_imaging.testing import png
from tests.contract.samples import inserted, new_patient

IMAGES = "/imaging/images"
IMAGE = IMAGES + "/{image_id:int}"
FINDING = "/imaging/findings/{finding_id:int}"
API = "/api/v1"
TAKEN = dt.date(2026, 3, 14)
numbers = count(1)


class ImagingSamples:
    """Images of one patient, analysed over one connection."""

    @classmethod
    async def begun(cls, clinic: TestClinic, marker: str, patient: int | None = None) -> ImagingSamples:
        self = cls()
        self.clinic, self.marker = clinic, marker
        self.patient = Id(patient) if patient else await new_patient(clinic, marker)
        self.connection = await inserted(
            clinic, Connection, plugin_id="imaging", kind="keen", title=f"{marker} {next(numbers)}", state="on"
        )
        return self

    @classmethod
    async def of(cls, clinic: TestClinic, marker: str) -> list[Sample]:
        self = await cls.begun(clinic, marker)
        image = await self.analysed()
        patient, at = {"patient_id": self.patient}, {"image_id": image}
        stored = {"image_id": Bound(await self.with_bytes())}
        return [
            Sample(method="GET", path="/imaging"),
            Sample(method="GET", path="/imaging/patients/{patient_id:int}", at=patient),
            Sample(method="GET", path="/imaging/patients/{patient_id:int}/new", at=patient),
            Sample(method="GET", path=IMAGE, at=at),
            Sample(method="GET", path=IMAGE + "/preview", at=stored),
            Sample(method="GET", path=IMAGE + "/original", at=stored),
            Sample(method="GET", path=IMAGE + "/analyse", at=at, shows=False),
            Sample(method="POST", path=IMAGE + "/delete", at={"image_id": await self.image()}),
            Sample(method="POST", path=FINDING + "/decide", at=await self.finding(), form={"decision": "accepted"}),
            *await self.programs(at, patient, stored),
        ]

    async def programs(self, at: dict[str, Id], patient: dict[str, Id], stored: dict[str, Bound]) -> list[Sample]:
        """The lists that programs follow wait for transactions that are open elsewhere."""
        return [
            Sample(method="GET", path=API + IMAGES, query=patient),
            Sample(method="GET", path=API + IMAGES + "/changes", shows=False),
            Sample(method="GET", path=API + IMAGE, at=at),
            Sample(method="GET", path=API + IMAGE + "/original", at=stored),
            Sample(method="GET", path=API + "/imaging/services", shows=False),
            Sample(method="POST", path=API + IMAGE + "/delete", at={"image_id": await self.image()}),
            Sample(method="GET", path=API + "/imaging/findings/changes", shows=False),
            Sample(
                method="POST", path=API + FINDING + "/decide", at=await self.finding(), json={"decision": "rejected"}
            ),
        ]

    async def image(self, **files: Any) -> Id:
        """An image whose bytes nobody asks for."""
        original = files.get("original_id") or await self._file()
        small = files.get("preview_id") or original
        about = {"kind": "panoramic", "taken_on": TAKEN, "comment": f"{self.marker}, до лечения"}
        values = {"patient_id": int(self.patient), "original_id": int(original), "preview_id": int(small), **about}
        return await inserted(self.clinic, DentalImage, **values)

    async def _file(self) -> Id:
        name, sha = f"{self.marker}.png", hashlib.sha256(self.marker.encode()).hexdigest()
        values = {"name": name, "media_type": "image/png", "size": 1, "sha256": sha, "key": uuid.uuid4()}
        return await inserted(self.clinic, StoredFile, **values)

    async def with_bytes(self) -> Id:
        """An image whose file lies in the store of its clinic: another clinic has nothing under its key."""
        outside = await self.clinic.outside_as("director")
        kept = await keep_bytes(outside, png(), f"{self.marker}.png", DENTAL_IMAGES)
        async with outside.unit() as ctx:
            file = await file_row(ctx, kept)
        return await self.image(original_id=file, preview_id=file)

    async def analysis(self, image: Id, state: str = "failed") -> Id:
        """One that waits for a person."""
        return await inserted(
            self.clinic,
            ImageAnalysis,
            image_id=int(image),
            connection_id=int(self.connection),
            service="Зоркий глаз",
            state=state,
            refs={"image": self.marker},
            next_at=None,
            report_url=f"https://api.keen.example/{self.marker}",
        )

    async def analysed(self) -> Id:
        """An image with a finding; its number."""
        image = await self.image()
        await self._found(await self.analysis(image))
        return image

    async def finding(self) -> dict[str, Id]:
        """A finding of an image of its own."""
        return {"finding_id": await self._found(await self.analysis(await self.image()))}

    async def _found(self, analysis: Id) -> Id:
        about = {"tooth": "46", "code": "caries", "title": "Кариес"}
        return await inserted(self.clinic, Finding, analysis_id=int(analysis), **about)

    async def more_of(self, image: int) -> None:
        """One more analysis, with a finding, of an image."""
        await self._found(await self.analysis(Id(image)))
