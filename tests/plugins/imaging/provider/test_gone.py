"""Patients that are erased or lie in the trash: nothing of them leaves, and nothing of them comes back."""

from __future__ import annotations

from prikus.patients.services.erasing import erase_patient
from prikus.toolkit import Context
from prikus_imaging.public import Found, Step
from prikus_imaging.services.working import Analysing, Heard, Turn
from tests.plugins.imaging.provider.conftest import Desk

CARD = "/patients/{}/delete"
BACK = "/trash/patients/{}/restore"


class ErasedMeanwhile(Analysing):
    """The patient is erased while the service answers."""

    def __init__(self, outside: Context, desk: Desk, patient: int) -> None:
        super().__init__(outside, desk.linked.id)
        self.desk, self.patient = desk, patient

    async def request(self, outside: Context, step: Turn) -> Heard:
        async with self.desk.clinic.ctx_as("director") as ctx:
            await erase_patient(ctx, self.patient, "Заявление")
        found = [Found(code="caries", title="Кариес", tooth="46")]
        link = "https://eye.example/1"
        return Heard(Step(state="ready", refs={"image": "1"}, report_url=link, findings=found, sentence="Иванов"))


async def test_what_comes_after_a_patient_was_erased_is_not_kept(desk: Desk) -> None:
    patient = await desk.clinic.patient()
    await desk.start(await desk.add(patient))
    outside = await desk.clinic.outside_as("plugin:imaging")
    assert await ErasedMeanwhile(outside, desk, patient).run(outside) is None
    kept = await desk.rows("state, refs, report_url, error, is_at_work, next_at")
    assert kept == [("failed", {}, None, "Данные пациента стёрты.", False, None)]
    assert await desk.clinic.rows("select count(*) from imaging.finding") == [(0,)]
    assert await desk.clinic.rows("select count(*) from core.outbox_event where name = 'image.analysed'") == [(0,)]


async def test_with_its_patient_in_the_trash_an_image_waits(desk: Desk) -> None:
    patient = await desk.clinic.patient()
    await desk.start(await desk.add(patient))
    assert (await desk.director.post(CARD.format(patient))).is_success
    before = await desk.fake.last()
    assert await desk.work(2) == ["queued"]
    await desk.clinic.run_scheduled("imaging")
    await desk.clinic.drain()
    assert await desk.fake.log("in", after=before) == []
    other = await desk.start(await desk.add())
    await desk.work(4)
    assert await desk.rows("state", f"id = {other}") == [("ready",)], "others do not wait for it"
    assert (await desk.director.post(BACK.format(patient))).is_success
    assert await desk.work(4) == ["ready", "ready"]
