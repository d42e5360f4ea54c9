"""What every service of analysis must pass, over its fake and real HTTP. Inherit it beside `PluginContract`.

The fake's `ControlPage` has these faults: `lost` (the next thing is taken, and the answer breaks off), `refused` (the
account may not use the API), `money` (there is none left), `unfit` (the image is refused), and of the next analysis
`error` (it fails), `never` (it does not end), `empty` (it ends without findings). Its scenarios are about one account:
`finish` ends all analyses, `teeth` lets somebody choose teeth on the service's site, `count` answers how many analyses
were begun, `seek` whether the words in its field `text` stand in anything that came: «есть» or «нет».
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import func, select, text, update

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import ConnectionContract, Linked
from prikus_imaging.jobs import QueueRef, work_queue
from prikus_imaging.models import AnalysisQueue, Finding, ImageAnalysis
from prikus_imaging.services.connected import providers

NAME, DRAWN = "Опознаваев", "Opoznavaev^Ivan"
"""The patient's name, and as it stands in the bytes of the image."""
ROUNDS = 12
OPEN = frozenset({"queued", "sent", "processing"})
SIZE = (64, 32)


def png() -> bytes:
    """An image with a name in a text chunk."""
    words, file = PngImagePlugin.PngInfo(), io.BytesIO()
    words.add_text("Patient", DRAWN)
    Image.new("L", SIZE, 90).save(file, "PNG", pnginfo=words)
    return file.getvalue()


def jpeg() -> bytes:
    """An image with a name in its EXIF."""
    picture, file = Image.new("L", SIZE, 90), io.BytesIO()
    exif = picture.getexif()
    exif[0x010E] = DRAWN
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()


def dicom() -> bytes:
    """An image with a name in its tags."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made, file = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128), io.BytesIO()
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    made.PatientName, made.Modality = DRAWN, "PX"
    made.Columns, made.Rows = SIZE
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData = bytes([90]) * (SIZE[0] * SIZE[1])
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "image/jpeg": ("jpg", jpeg),
    "image/png": ("png", png),
    "application/dicom": ("dcm", dicom),
}


class ProviderContract(ConnectionContract):
    """`media_type` is that of the images which are sent, `image_kind` their kind: one that the service takes."""

    media_type: ClassVar[str] = "image/jpeg"
    image_kind: ClassVar[str] = "panoramic"

    async def add(self, linked: Linked, media_type: str | None = None) -> int:
        """An image of a new patient in the clinic's store; its number."""
        ending, make = FILES[media_type or self.media_type]
        patient = await linked.clinic.patient(last_name=NAME, first_name="Иван")
        form = {"kind": self.image_kind, "taken_on": "2026-03-14", "idempotency_key": uuid.uuid4().hex}
        files = {"file": (f"{NAME} {DRAWN}.{ending}", make(), media_type or self.media_type)}
        added = await linked.director.post(f"/imaging/patients/{patient}/new", data=form, files=files)
        assert added.status_code == 204, added.text
        async with linked.clinic.ctx_as("director") as ctx:
            query = text("select max(id) from imaging.dental_image where patient_id = :patient")
            return int(await ctx.db.scalar(query, {"patient": patient}) or 0)

    async def start(self, linked: Linked, image: int, **more: str) -> int:
        """Press the round icon; the number of the analysis."""
        pressed = await linked.director.post(f"/imaging/images/{image}/analyse", data=more)
        assert pressed.status_code == 204, pressed.text
        async with linked.clinic.ctx_as("director") as ctx:
            query = select(func.max(ImageAnalysis.id)).where(ImageAnalysis.image_id == image)
            return int(await ctx.db.scalar(query) or 0)

    async def begun(self, linked: Linked) -> int:
        """A new image whose analysis waits; the number of the analysis."""
        return await self.start(linked, await self.add(linked))

    async def load(self, linked: Linked, analysis: int) -> None:
        """«Загрузить результаты»."""
        pressed = await linked.director.post(f"/imaging/analyses/{analysis}/load")
        assert pressed.status_code == 204, pressed.text

    async def go(self, linked: Linked, rounds: int = ROUNDS) -> list[str]:
        """Work as if all pauses were over, until nothing goes on; states of analyses, oldest first."""
        found: list[str] = []
        for _ in range(rounds):
            await hurry(linked.clinic)
            await linked.clinic.drain()
            found = await states(linked.clinic)
            if not set(found) & OPEN:
                break
        return found

    async def count(self, linked: Linked) -> int:
        """How many analyses the account has begun."""
        return int(await self.press(linked, "count"))

    async def has(self, linked: Linked, words: str) -> bool:
        """Whether the service was told these words, anywhere."""
        said = await self.press(linked, "seek", text=words)
        assert said in ("есть", "нет")
        return said == "есть"

    async def test_an_image_is_analysed_once_and_its_findings_wait_for_a_doctor(self, connected: Linked) -> None:
        image = await self.add(connected)
        analysis = await self.start(connected, image)
        assert await self.go(connected) == ["ready"]
        assert await self.count(connected) == 1
        found = await decisions(connected.clinic)
        assert found
        assert set(found.values()) == {"pending"}
        async with connected.clinic.ctx_as("director") as ctx:
            row = await ctx.load(ImageAnalysis, analysis)
            title = providers(ctx)[self.kind].title
            assert (row.report_url or "").startswith("https://")
            assert row.finished_at is not None
        page = (await connected.director.get(f"/imaging/images/{image}")).text
        assert title in page
        assert page.count("data-finding=") == len(found)

    @pytest.mark.parametrize(
        ("fault", "times"),
        [("broken", 1), ("broken", 2), ("limit", 1), ("cut", 1), ("cut", 2), ("lost", 1), ("lost", 9)],
    )
    async def test_a_fault_loses_nothing_and_doubles_nothing(self, connected: Linked, fault: str, times: int) -> None:
        """Where the service cannot be asked, a person decides about what may have been taken."""
        await connected.fake.misbehave(fault, times)
        await self.begun(connected)
        found = await self.go(connected)
        await connected.fake.misbehave(fault, 0)
        begun = await self.count(connected)
        if found == ["unclear"]:
            assert begun <= 1
            return
        assert (found, begun) == (["ready"], 1)

    async def test_two_images_are_two_analyses(self, connected: Linked) -> None:
        await connected.fake.misbehave("lost", 1)
        for _ in range(2):
            await self.begun(connected)
        found = await self.go(connected)
        assert set(found) <= {"ready", "unclear"}
        assert await self.count(connected) in (found.count("ready"), 2)

    @pytest.mark.parametrize("fault", ["refused", "money"])
    async def test_while_the_account_may_not_images_wait_and_the_connection_says_so(
        self, connected: Linked, fault: str
    ) -> None:
        await connected.fake.misbehave(fault, 99)
        await self.begun(connected)
        await connected.clinic.drain()
        state, error = await connected.state()
        assert (state, bool(error)) == ("failing", True)
        assert await states(connected.clinic) == ["queued"]
        assert await self.count(connected) == 0
        await connected.fake.misbehave(fault, 0)
        assert await self.go(connected) == ["ready"]
        assert await self.count(connected) == 1
        assert await connected.state() == ("on", None)

    async def test_an_image_that_is_refused_waits_for_a_person(self, connected: Linked) -> None:
        await connected.fake.misbehave("unfit")
        await self.begun(connected)
        assert await self.go(connected) == ["failed"]
        assert await self.count(connected) == 0
        assert (await connected.state())[0] == "on"
        assert "Анализ не удался" in (await connected.director.get("/imaging/")).text

    async def test_an_analysis_that_failed_is_sent_again_only_by_a_person(self, connected: Linked) -> None:
        await connected.fake.misbehave("error")
        image = await self.add(connected)
        await self.start(connected, image)
        assert await self.go(connected) == ["failed"]
        await connected.clinic.run_scheduled("imaging")
        await connected.clinic.drain()
        assert await self.count(connected) == 1
        assert "Анализ не удался" in (await connected.director.get("/imaging/")).text
        await self.start(connected, image, again="true")
        assert await self.go(connected) == ["failed", "ready"]
        assert await self.count(connected) == 2
        assert "Анализ не удался" not in (await connected.director.get("/imaging/")).text

    async def test_after_two_hours_only_the_button_asks(self, connected: Linked) -> None:
        await connected.fake.misbehave("never")
        analysis = await self.begun(connected)
        assert set(await self.go(connected, 6)) <= {"sent", "processing"}
        await age(connected.clinic)
        await self.go(connected, 1)
        before = await connected.fake.last()
        await self.go(connected, 2)
        assert await connected.fake.log("in", after=before) == []
        assert "За два часа результата нет" in (await connected.director.get("/imaging/")).text
        await self.press(connected, "finish")
        await self.load(connected, analysis)
        assert await self.go(connected) == ["ready"]
        assert await self.count(connected) == 1

    async def test_teeth_are_chosen_on_the_site_and_results_loaded_by_the_button(self, connected: Linked) -> None:
        await connected.fake.misbehave("empty")
        analysis = await self.begun(connected)
        assert await self.go(connected) == ["needs_teeth"]
        assert "Нужно выбрать зубы" in (await connected.director.get("/imaging/")).text
        await self.press(connected, "teeth")
        await connected.clinic.run_scheduled("imaging")
        await connected.clinic.drain()
        assert await states(connected.clinic) == ["needs_teeth"]
        await self.load(connected, analysis)
        assert await self.go(connected) == ["ready"]
        assert await decisions(connected.clinic)
        assert await self.count(connected) == 1

    async def test_results_loaded_twice_double_nothing_and_undo_no_decision(self, connected: Linked) -> None:
        analysis = await self.begun(connected)
        await self.go(connected)
        before = await decisions(connected.clinic)
        first, *_ = before
        decided = await connected.director.post(f"/imaging/findings/{first}/decide", data={"decision": "accepted"})
        assert decided.status_code == 204, decided.text
        for _ in range(2):
            await self.load(connected, analysis)
            assert await self.go(connected) == ["ready"]
        assert await decisions(connected.clinic) == {**before, first: "accepted"}
        assert await self.count(connected) == 1

    @pytest.mark.parametrize("media_type", FILES)
    async def test_who_the_patient_is_stays_here(self, connected: Linked, media_type: str) -> None:
        """And goes out where the clinic lets it: the twin, so that the fake is known to look."""
        async with connected.clinic.ctx_as("director") as ctx:
            accepts = providers(ctx)[self.kind].accepts
        if not accepts(self.image_kind, media_type):  # type: ignore[arg-type]
            return
        await self.start(connected, await self.add(connected, media_type))
        assert await self.go(connected) == ["ready"]
        told = [await self.has(connected, words) for words in (NAME, DRAWN, "Пациент")]
        assert told == [False, False, True]
        assert (await connected.connect(**{**connected.fields, "send_name": "yes"})).status_code == 204
        await self.start(connected, await self.add(connected, media_type))
        assert await self.go(connected) == ["ready", "ready"]
        assert [await self.has(connected, words) for words in (NAME, DRAWN)] == [True, True]

    async def test_a_disconnected_service_keeps_what_waits(self, connected: Linked) -> None:
        fields = connected.fields
        await self.begun(connected)
        await connected.disconnect()
        assert await self.go(connected, 2) == ["queued"]
        assert (await connected.connect(**fields)).status_code == 204
        assert await self.go(connected) == ["ready"]
        assert await self.count(connected) == 1


async def states(clinic: TestClinic) -> list[str]:
    """States of the clinic's analyses, oldest first."""
    async with clinic.ctx_as("director") as ctx:
        return list(await ctx.db.scalars(select(ImageAnalysis.state).order_by(ImageAnalysis.id)))


async def decisions(clinic: TestClinic) -> dict[int, str]:
    """Decisions about the clinic's findings, by their numbers."""
    async with clinic.ctx_as("director") as ctx:
        rows: Any = await ctx.db.execute(select(Finding.id, Finding.decision).order_by(Finding.id))
        return dict(row for row in rows)


async def age(clinic: TestClinic) -> None:
    """Let three hours pass for all analyses of the clinic."""
    async with clinic.ctx_as("system") as ctx:
        ago = func.now() - text("interval '3 hours'")
        await ctx.db.execute(update(ImageAnalysis).values(state_at=ago))


async def hurry(clinic: TestClinic) -> None:
    """Let all pauses of the clinic's analyses and of its services be over."""
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(update(AnalysisQueue).values(paused_until=None))
        waits = ImageAnalysis.next_at.is_not(None)
        await ctx.db.execute(update(ImageAnalysis).where(waits).values(next_at=func.now()))
        waiting = select(ImageAnalysis.connection_id).where(waits, ImageAnalysis.connection_id.is_not(None))
        for id in (await ctx.db.scalars(waiting.distinct())).all():
            await ctx.enqueue(work_queue, QueueRef(int(id or 0)))
