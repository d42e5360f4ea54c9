"""An image's way through the service, and what goes wrong on it."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from prikus_integrations_diagnocat.fake import HOST
from prikus_integrations_diagnocat.services import client, uploading
from tests.plugins.integrations_diagnocat.conftest import Desk
from tests.waiting import PATIENCE

WAY = [
    "GET /v2/patients",
    "POST /v2/patients",
    "POST /v2/patients/…/studies",
    "POST /v1/upload/open-session",
    "POST /v1/upload/request-upload-urls",
    "PUT /files/…/image.jpg",
    "POST /v1/upload/start-session-close",
    "GET /v1/upload/session-info",
    "GET /v1/upload/session-info",
    "POST /v2/studies/…/analyses",
    "GET /v2/analyses/…",
    "GET /v2/analyses/…",
    "GET /v2/analyses/…/diagnoses",
]


@pytest.mark.parametrize(("kind", "study"), [("panoramic", "PANORAMA"), ("bitewing", "FMX"), ("periapical", "FMX")])
async def test_each_thing_is_asked_once_and_in_turn(desk: Desk, kind: str, study: str) -> None:
    before = await desk.fake.last()
    await desk.start(await desk.add(kind=kind))
    assert await desk.work() == ["ready"]
    assert await desk.requests(before) == WAY
    assert await desk.has(study)
    assert any("progress-notify" in line["text"] for line in await desk.fake.log("in", after=before))


async def test_another_image_of_a_patient_goes_to_the_same_patient(desk: Desk) -> None:
    patient = await desk.clinic.patient()
    before = await desk.fake.last()
    for _ in range(2):
        await desk.start(await desk.add(patient))
    assert await desk.work() == ["ready", "ready"]
    asked = await desk.requests(before)
    assert (asked.count("POST /v2/patients"), asked.count("POST /v2/patients/…/studies")) == (1, 2)


async def test_a_patient_that_bears_another_number_is_not_taken(desk: Desk) -> None:
    """A service that ignores what one looks for tells of others: their images must not mix."""
    await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    await desk.fake.misbehave("unfiltered", 99)
    before = await desk.fake.last()
    await desk.start(await desk.add())
    assert await desk.work() == ["ready", "ready"]
    assert (await desk.requests(before)).count("POST /v2/patients") == 1


@pytest.mark.parametrize(
    ("fault", "lies", "found"),
    [
        ("vanished", None, "ready"),
        ("vanished", "unfiltered", "unclear"),
        ("lost", None, "ready"),
        ("lost", "unfiltered", "ready"),
    ],
)
async def test_a_patient_whose_answer_was_lost_is_looked_for(
    desk: Desk, fault: str, lies: str | None, found: str
) -> None:
    """Where the service tells of others nobody knows whether it has this one, unless it is among them."""
    await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    if lies:
        await desk.fake.misbehave(lies, 99)
    await desk.fake.misbehave(fault)
    await desk.start(await desk.add())
    assert await desk.work() == ["ready", found]
    assert await desk.press("patients") == ("1" if found == "unclear" else "2")


@pytest.mark.parametrize(("lies", "found"), [(None, "ready"), ("nameless", "unclear")])
async def test_a_study_whose_answer_was_lost_is_looked_for(desk: Desk, lies: str | None, found: str) -> None:
    patient = await desk.clinic.patient()
    await desk.start(await desk.add(patient))
    assert await desk.work() == ["ready"]
    if lies:
        await desk.fake.misbehave(lies, 99)
    await desk.fake.misbehave("lost")
    await desk.start(await desk.add(patient))
    assert await desk.work() == ["ready", found]
    assert await desk.press("count") == ("1" if found == "unclear" else "2")


@pytest.mark.parametrize(("lies", "found"), [(None, "ready"), ("no_uids", "unclear")])
async def test_what_was_made_without_a_number_is_looked_for_and_not_made_again(
    desk: Desk, lies: str | None, found: str
) -> None:
    """The patient, the study and the analysis, which may be paid for."""
    if lies:
        await desk.fake.misbehave(lies, 99)
    await desk.fake.misbehave("no_uid", 3)
    before = await desk.fake.last()
    await desk.start(await desk.add())
    assert await desk.work(12) == [found]
    made = [line for line in await desk.requests(before) if line in (WAY[1], WAY[2], WAY[9])]
    assert made == [WAY[1], WAY[2], WAY[9]]
    assert await desk.press("count") == "1"


@pytest.mark.parametrize("fault", ["lost_session", "lost_file"])
async def test_an_upload_whose_answer_was_lost_gives_one_file(desk: Desk, fault: str) -> None:
    await desk.fake.misbehave(fault)
    await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    [began] = [line["text"] for line in await desk.fake.log("did") if "анализ" in line["text"]][:1]
    assert began.endswith("файлов 1")


async def test_a_session_without_news_is_replaced(desk: Desk) -> None:
    await desk.fake.misbehave("lost_file")
    await desk.start(await desk.add())
    await desk.clinic.drain()
    await desk.press("die")
    before = await desk.fake.last()
    assert await desk.work() == ["ready"]
    assert (await desk.requests(before)).count("POST /v1/upload/open-session") == 1


@pytest.mark.parametrize(("fault", "sessions"), [("vanished_close", 2), ("lost_close", 1)])
async def test_a_session_whose_close_was_lost_is_asked_and_replaced_when_it_is_dead(
    desk: Desk, fault: str, sessions: int
) -> None:
    await desk.fake.misbehave(fault)
    before = await desk.fake.last()
    await desk.start(await desk.add())
    await desk.clinic.drain()
    await desk.press("die")
    assert await desk.work() == ["ready"]
    assert (await desk.requests(before)).count(WAY[3]) == sessions


async def test_an_image_that_is_refused_after_a_lost_close_is_not_sent_again(desk: Desk) -> None:
    for fault in ("lost_close", "unfit"):
        await desk.fake.misbehave(fault)
    before = await desk.fake.last()
    await desk.start(await desk.add())
    assert await desk.work() == ["failed"]
    assert await desk.error() == "Diagnocat не принял снимок: файл не похож на снимок зубов."
    assert (await desk.requests(before)).count(WAY[3]) == 1


async def test_an_address_that_has_expired_is_asked_for_again(desk: Desk) -> None:
    await desk.fake.misbehave("expired")
    before = await desk.fake.last()
    await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    asked = await desk.requests(before)
    assert [asked.count(line) for line in WAY[3:6]] == [1, 2, 2]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "expired",
            "Загрузить снимок в Diagnocat не удалось: Адрес для загрузки снимка больше не действует (код 403).",
        ),
        ("ok", "Diagnocat не принял снимок: слишком много загрузок."),
        ("unfit", "Diagnocat не принял снимок: файл не похож на снимок зубов."),
        ("error", "Diagnocat не смог проанализировать снимок: снимок слишком тёмный."),
        ("error_text", "Diagnocat не смог проанализировать снимок: снимок обрезан."),
        (
            "elsewhere",
            "Diagnocat просит загрузить снимок на storage.example: это не его адрес, снимок туда не отправлен. "
            "Сообщите об этом в поддержку системы.",
        ),
    ],
)
async def test_what_ends_it_is_said_in_words(desk: Desk, fault: str, said: str) -> None:
    await desk.fake.misbehave(fault, 99)
    await desk.start(await desk.add())
    assert await desk.work(12) == ["failed"]
    assert said in await desk.error()
    assert (await desk.linked.state())[0] == "on"


async def test_an_upload_that_takes_too_long_fails_in_words_and_is_no_riddle(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file comes to nothing until the session is closed: nobody has to look whether it is there."""
    monkeypatch.setattr(client, "UPLOAD_SECONDS", 0.5)
    await desk.fake.misbehave("slow_file", 99)
    before, image = await desk.fake.last(), await desk.add()
    await desk.start(image)
    assert await desk.work(12) == ["failed"]
    assert "связь слишком медленная" in await desk.error()
    assert (await desk.requests(before)).count(WAY[4]) == 1 + uploading.MOST_TRIES
    assert await desk.press("count") == "0"
    assert (await desk.linked.state())[0] == "on"
    monkeypatch.undo()
    await desk.fake.misbehave("slow_file", 0)
    await desk.start(image, again="true")
    assert await desk.work() == ["failed", "ready"]


async def test_an_upload_that_is_refused_half_way_begins_anew(desk: Desk) -> None:
    await desk.fake.misbehave("closing", 2)
    analysis = await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    [(refs,)] = await desk.clinic.rows(f"select refs from imaging.image_analysis where id = {analysis}")
    assert set(refs) == {"patient", "study", "session", "put", "closing", "uploaded", "analysis"}


async def test_dates_that_are_refused_are_left_out(desk: Desk) -> None:
    """Once each: of the patient whose name may go out, and of the study."""
    answer = await desk.linked.connect(**{**desk.linked.fields, "send_name": "yes"})
    assert answer.status_code == 204, answer.text
    patient = await desk.clinic.patient(last_name="Опознаваев", birth_date=dt.date(1985, 4, 12))
    await desk.fake.misbehave("dates", 2)
    before = await desk.fake.last()
    await desk.start(await desk.add(patient))
    assert await desk.work() == ["ready"]
    asked = await desk.requests(before)
    assert (asked.count("POST /v2/patients"), asked.count("POST /v2/patients/…/studies")) == (2, 2)
    assert await desk.has("1985-04-12")


@pytest.mark.parametrize("fault", ["diagnoses", "no_diagnoses"])
async def test_findings_that_do_not_come_yet_are_waited_for(desk: Desk, fault: str) -> None:
    await desk.fake.misbehave(fault, 2)
    await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    assert await desk.press("count") == "1"


async def test_files_are_taken_once_with_their_length_and_without_the_token(desk: Desk) -> None:
    """The fake refuses what the real one would."""
    await desk.start(await desk.add())
    await desk.clinic.drain()
    url = f"{desk.clinic.house.config.fakes[HOST]}/files/{'0' * 24}/image.jpg?signature=x"

    async def parts():
        yield b"x"

    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        signed = await client.put(url, content=b"x", headers={"Authorization": "Bearer x"})
        endless = await client.put(url, content=parts())
        strange = await client.put(url, content=b"x")
    assert [answer.status_code for answer in (signed, endless, strange)] == [400, 411, 403]
