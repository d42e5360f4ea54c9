"""From the round icon to the findings: nothing sent twice, one image at a time, whatever dies in between."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from prikus.access.leasing import Rest
from prikus.failpoints import Name
from prikus.patients.services.erasing import erase_patient
from prikus.toolkit import Context
from prikus_imaging.public import Step
from prikus_imaging.services import working
from prikus_imaging.testing import age
from tests.campaigns.faults.machine import Machine, order
from tests.plugins.imaging.provider.conftest import Desk
from tests.plugins.newborn import connected

ALL = 99
ROWS = "imaging.image_analysis"
HELD = "insert into imaging.analysis_queue (connection_id, lease_token, lease_until) values ({}, 'dead', now() {})"
FOREIGN = text("update core.work set due = now() + interval '1 year' where clinic_id <> :mine and state = 'due'")
"""A worker does the work of all clinics: what earlier tests left is not what it is to die over."""
GONE = "update imaging.analysis_queue set lease_until = now() - interval '1 second'"
DEATHS: list[tuple[Name, int]] = [
    ("before_send", 1),
    ("after_send", 1),
    ("before_send", 2),
    ("after_send", 2),
    ("after_send", 3),
]


@pytest.mark.parametrize(("place", "times"), DEATHS)
async def test_a_worker_that_dies_over_a_step_does_nothing_twice(
    desk: Desk, machine: Machine, site: Path, place: Name, times: int
) -> None:
    """The service takes the image by one step, begins the analysis by the next, and is asked by the third."""
    async with desk.clinic.house.runtime.relay.begin() as db:
        await db.execute(FOREIGN, {"mine": desk.clinic.id})
    await desk.start(await desk.add())
    worker = machine.worker(order(place, times=times), PYTHONPATH=str(site))
    assert await worker.ended() == -signal.SIGKILL, worker.said()
    assert await desk.rows("is_at_work") == [(True,)]
    await desk.clinic.change(GONE)
    assert await desk.work(4) == ["ready"]
    assert await desk.count() == 1
    assert await desk.rows("refs ? 'image', refs ? 'analysis'") == [(True, True)]


@pytest.mark.parametrize("state", ["queued", "sent", "processing", "needs_teeth", "ready"])
async def test_a_step_that_nobody_knows_of_is_doubtful(desk: Desk, state: str) -> None:
    await desk.start(await desk.add())
    await desk.clinic.change(f"update {ROWS} set is_at_work = true, state = '{state}'")
    await desk.clinic.change(HELD.format(desk.linked.id, "+ interval '1 minute'"))
    before = await desk.fake.last()
    await desk.work()
    assert await desk.rows("is_at_work, is_doubtful") == [(True, False)], "it is another worker's"
    await desk.clinic.change(GONE)
    await desk.work()
    assert await desk.rows("is_at_work, is_doubtful") == [(False, True)]
    assert await desk.fake.log("in", after=before) == []
    await desk.work()
    assert await desk.rows("is_doubtful") == [(False,)]
    asked = [line["text"] for line in reversed(await desk.fake.log("in", after=before))]
    assert asked[0] == "GET /images", "it looks before it uploads"


async def test_workers_at_once_begin_each_analysis_once(desk: Desk) -> None:
    for _ in range(3):
        await desk.start(await desk.add())
    outside = await desk.clinic.outside_as("plugin:imaging")
    await asyncio.gather(*(working.work(outside, desk.linked.id) for _ in range(4)))
    assert await desk.work(4) == ["ready"] * 3
    assert await desk.count() == 3


async def test_a_run_that_has_gone_on_for_long_begins_nothing_more(desk: Desk) -> None:
    """A piece of work is given up after five minutes: the next upload is to have its time."""
    await desk.start(await desk.add())
    outside = await desk.clinic.outside_as("plugin:imaging")
    again = await Tired(outside, desk.linked.id).run(outside)
    assert again is not None
    assert again <= outside.now()
    assert await desk.rows("state, refs ? 'image', refs ? 'analysis'") == [("queued", True, False)]
    assert await desk.clinic.rows("select lease_token from imaging.analysis_queue") == [(None,)]
    assert await desk.work(4) == ["ready"]


class Tired(working.Analysing):
    """Its time is up with the first step."""

    seconds = 0.0


async def test_one_image_is_on_its_way_up_at_a_time(desk: Desk) -> None:
    first, second = await desk.start(await desk.add()), await desk.start(await desk.add())
    await desk.clinic.change(f"""update {ROWS} set refs = '{{"image": "x"}}', next_at = now() + interval '1 hour'
        where id = {second}""")
    outside = await desk.clinic.outside_as("plugin:imaging")
    async with outside.unit() as own:
        assert isinstance(await working.Analysing(outside, desk.linked.id).claim(own, "mine"), Rest)
    await desk.clinic.change(f"update {ROWS} set next_at = now() where id = {second}")
    async with outside.unit() as own:
        turn = await working.Analysing(outside, desk.linked.id).claim(own, "mine")
        assert isinstance(turn, working.Turn)
        assert turn.job.id == second
    assert first < second


async def test_a_service_that_rests_is_not_asked_for_the_others(desk: Desk) -> None:
    for _ in range(3):
        await desk.start(await desk.add())
    await desk.fake.misbehave("limit", ALL)
    before = await desk.fake.last()
    await desk.work()
    assert len(await desk.fake.log("in", after=before)) == 1
    assert (await desk.linked.state())[0] == "failing"
    await desk.fake.misbehave("limit", 0)
    assert await desk.work(5) == ["ready"] * 3


async def test_what_waits_for_money_rests_ten_minutes(desk: Desk) -> None:
    await desk.fake.misbehave("money")
    await desk.start(await desk.add())
    await desk.clinic.drain()
    said = "Оплаченные анализы у сервиса закончились. Оплатите их: снимки уйдут сами."
    assert await desk.rows("state, error, is_doubtful") == [("queued", said, False)]
    assert await desk.linked.state() == ("failing", said)
    await desk.clinic.change(f"update {ROWS} set next_at = now()")
    await desk.clinic.run_scheduled("imaging")
    await desk.clinic.drain()
    assert await desk.count() == 0
    assert (await desk.linked.connect()).status_code == 204
    await desk.clinic.run_scheduled("imaging")
    await desk.clinic.drain()
    assert await desk.work(3) == ["ready"]


async def test_an_image_that_is_refused_does_not_hold_the_others_back(desk: Desk) -> None:
    """The account may not upload: one image got so far before, and only it is refused."""
    refused = await desk.start(await desk.add())
    await desk.work()
    await desk.clinic.change(
        f"""update {ROWS} set state = 'queued', refs = '{{"image": "nobody"}}' where id = {refused}"""
    )
    await desk.fake.misbehave("refused")
    await desk.work()
    assert (await desk.rows("state, refs ? 'image', error is not null")) == [("queued", True, True)]
    await desk.start(await desk.add())
    outside = await desk.clinic.outside_as("plugin:imaging")
    await desk.clinic.change("update imaging.analysis_queue set paused_until = null")
    async with outside.unit() as own:
        turn = await working.Analysing(outside, desk.linked.id).claim(own, "mine")
    assert isinstance(turn, working.Turn)
    assert turn.job.id != refused


async def test_a_person_decides_what_the_service_cannot_say(desk: Desk) -> None:
    """Sent again it is another analysis; the first one stays as it was."""
    mole = Desk(await connected(desk.clinic, "blind"))
    await desk.linked.disconnect()
    await mole.fake.misbehave("lost", 2)
    image = await mole.add()
    first = await mole.start(image)
    assert await mole.work(3) == ["unclear"]
    page = (await mole.director.get(f"/imaging/images/{image}")).text
    assert "Ответ сервиса потерялся" in page
    assert "это может стоить денег" in page
    again = f"/imaging/images/{image}/analyse"
    assert (await mole.director.post(again, data={})).status_code == 409
    assert (await mole.director.post(f"/imaging/analyses/{first}/load")).status_code == 204
    assert await mole.work(2) == ["unclear"]
    await mole.fake.misbehave("lost", 0)
    await mole.start(image, again="true")
    assert await mole.work(4) == ["failed", "ready"]
    assert await mole.rows("error") == [("Отправлен ещё раз.",), (None,)]


async def test_what_does_not_get_on_for_two_hours_is_left_to_a_person(desk: Desk) -> None:
    await desk.fake.misbehave("never")
    await desk.start(await desk.add())
    assert await desk.work(3) == ["processing"]
    assert await desk.rows("next_at > updated_at + interval '20 s', tries > 0") == [(True, True)]
    await age(desk.clinic)
    assert await desk.work() == ["processing"]
    assert await desk.rows("next_at") == [(None,)]


async def test_a_deleted_image_is_not_sent_and_one_that_came_back_can_be(desk: Desk) -> None:
    await desk.fake.misbehave("never")
    waiting, sent = await desk.add(), await desk.add()
    await desk.start(sent)
    await desk.work(3)
    await desk.start(waiting)
    for image in (waiting, sent):
        assert (await desk.director.post(f"/imaging/images/{image}/delete")).status_code == 204
    before = await desk.fake.last()
    assert await desk.work(2) == ["processing", "failed"]
    assert await desk.fake.log("in", after=before) == []
    assert (await desk.director.post(f"/imaging/images/{waiting}/analyse", data={})).status_code == 404


async def test_of_an_erased_patient_nothing_leaves(desk: Desk) -> None:
    patient = await desk.clinic.patient()
    await desk.fake.misbehave("never")
    sent, waiting = await desk.add(patient), await desk.add(patient)
    await desk.start(sent)
    await desk.work(3)
    await desk.start(waiting)
    async with desk.clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, patient, "Заявление")
    before = await desk.fake.last()
    assert await desk.work(2) == ["processing", "failed"]
    assert await desk.fake.log("in", after=before) == []
    assert await desk.rows("refs, report_url, next_at") == [({}, None, None), ({}, None, None)]


async def test_a_service_that_goes_off_lets_its_queue_go(desk: Desk) -> None:
    await desk.start(await desk.add())
    outside = await desk.clinic.outside_as("plugin:imaging")
    async with outside.unit() as own:
        assert isinstance(await working.Analysing(outside, desk.linked.id).claim(own, "mine"), working.Turn)
    await desk.linked.disconnect()
    async with outside.unit() as own:
        assert await working.Analysing(outside, desk.linked.id).claim(own, "mine") == Rest(None)
    assert await desk.clinic.rows("select lease_token, lease_until from imaging.analysis_queue") == [(None, None)]


async def test_words_of_what_happened_are_told_once(desk: Desk) -> None:
    patient = await desk.clinic.patient()
    analysis = await desk.start(await desk.add(patient))
    await desk.work(4)
    assert (await desk.director.post(f"/imaging/analyses/{analysis}/load")).status_code == 204
    await desk.work(2)
    told = await desk.clinic.rows("select name from core.outbox_event where name like 'image.%' order by id")
    assert told == [("image.added",), ("image.analysed",)]
    feed = (await desk.director.get(f"/patients/{patient}/feed")).text
    assert (feed.count("Добавлен снимок"), feed.count("Снимок проанализирован")) == (1, 1)


async def test_what_cannot_be_read_just_now_is_asked_for_again_by_the_button(desk: Desk) -> None:
    """The service has it, and it was paid for: a refusal ends the asking, not the analysis."""
    await desk.fake.misbehave("never")
    analysis = await desk.start(await desk.add())
    assert await desk.work(3) == ["processing"]
    outside = await desk.clinic.outside_as("plugin:imaging")
    await desk.clinic.change(f"update {ROWS} set next_at = now()")
    await Unreadable(outside, desk.linked.id).run(outside)
    assert await desk.rows("state, error, next_at") == [("processing", "Не читается.", None)]
    assert "Не читается." in (await desk.director.get("/imaging/")).text
    await desk.press("finish")
    assert (await desk.director.post(f"/imaging/analyses/{analysis}/load")).status_code == 204
    assert await desk.work(2) == ["ready"]
    assert await desk.count() == 1


class Unreadable(working.Analysing):
    """The provider refuses what the service says."""

    async def request(self, outside: Context, step: working.Turn) -> working.Heard:
        return working.Heard(Step(trouble="data", sentence="Не читается."))
