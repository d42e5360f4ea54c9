"""Images and Diagnocat as the clinic sees them (DIAG-07, DIAG-08, INT-03)."""

from __future__ import annotations

import re

import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.following import followed
from tests.plugins.integrations_diagnocat.conftest import Desk, account

CHANGES = "/api/v1/imaging/findings/changes"


async def section(desk: Desk, patient: int) -> str:
    """«Снимки» of the patient's card."""
    return (await desk.director.get(f"/imaging/patients/{patient}")).text


async def button(desk: Desk, patient: int) -> str:
    """Where the round button on the only image leads; empty when there is none."""
    found = re.search(r'class="p-imaging-round"[^>]*hx-post="([^"]+)"', await section(desk, patient))
    return found[1] if found else ""


@pytest.mark.spec("INT-03")
async def test_login_and_password_connect_diagnocat(linked: Linked) -> None:
    assert "/connections/new/diagnocat" in (await linked.director.get("/connections/new")).text
    form = (await linked.director.get("/connections/new/diagnocat")).text
    assert all(words in form for words in ("support@diagnocat.com", 'name="login"', 'name="password"'))
    fields = account()
    assert (await linked.connect(**{**fields, "password": "wrong"})).status_code == 422
    answer = await linked.connect(**fields)
    assert answer.status_code == 204, answer.text
    assert "Вход выполнен" in await linked.listed()
    assert fields["password"] not in await linked.listed() + (await linked.director.get(linked.card)).text
    desk = Desk(linked)
    for kind in ("panoramic", "bitewing", "periapical"):
        await desk.start(await desk.add(kind=kind))
    assert await desk.work(12) == ["ready"] * 3


@pytest.mark.spec("DIAG-07")
async def test_the_round_icon_sends_an_image_and_then_loads_its_results(linked: Linked) -> None:
    """It is there only while Diagnocat is connected; the patient's name stays here."""
    desk, patient = Desk(linked), await linked.clinic.patient(last_name="Опознаваев", first_name="Иван")
    image = await desk.add(patient)
    assert await button(desk, patient) == ""
    assert (await linked.connect(**account())).status_code == 204
    press = await button(desk, patient)
    assert press == f"/imaging/images/{image}/analyse"
    assert (await desk.director.post(press)).status_code == 204
    assert "В очереди" in await section(desk, patient)
    await desk.clinic.drain()
    assert "Отправлен" in await section(desk, patient)
    for _ in range(4):  # until the service has taken the upload in
        if await desk.work(1) != ["sent"]:
            break
    assert "Анализируется" in await section(desk, patient)
    load = await button(desk, patient)
    assert re.fullmatch(r"/imaging/analyses/\d+/load", load)
    assert (await desk.director.post(load)).status_code == 204
    assert await desk.work() == ["ready"]
    assert "Результаты получены" in await section(desk, patient)
    assert [await desk.has(words) for words in ("Опознаваев", "Иван", "Opoznavaev", "Пациент")] == [False] * 3 + [True]


async def test_the_name_goes_out_where_the_clinic_lets_it(desk: Desk) -> None:
    assert (await desk.linked.connect(**{**desk.linked.fields, "send_name": "yes"})).status_code == 204
    await desk.start(await desk.add(await desk.clinic.patient(last_name="Опознаваев")))
    assert await desk.work() == ["ready"]
    assert [await desk.has(words) for words in ("Опознаваев", "Пациент")] == [True, False]


async def test_a_failed_analysis_is_shown_on_the_icon(desk: Desk) -> None:
    await desk.fake.misbehave("error")
    patient = await desk.clinic.patient()
    await desk.start(await desk.add(patient))
    assert await desk.work() == ["failed"]
    assert "Анализ не удался" in await section(desk, patient)


@pytest.mark.spec("DIAG-08")
async def test_teeth_are_chosen_on_the_site_and_the_diagnoses_loaded(desk: Desk, clinic: TestClinic) -> None:
    """They stand in a section of their own as suggestions; loaded twice they do not double."""
    await desk.fake.misbehave("empty")
    image = await desk.add()
    analysis = await desk.start(image)
    assert await desk.work() == ["needs_teeth"]
    page = (await desk.director.get(f"/imaging/images/{image}")).text
    assert re.search(r'<a href="https://app2\.diagnocat\.ru/report/[0-9a-f]{24}" target="_blank"', page)
    assert "Diagnocat" in page
    assert "выберите зубы" in page
    assert page.count("data-finding=") == 0
    await desk.press("teeth")
    for _ in range(2):
        await desk.load(analysis)
        assert await desk.work() == ["ready"]
    rows = await desk.clinic.rows("select tooth, code, title, decision from imaging.finding order by code")
    assert ("11", "dc:9001", "Признак №9001", "pending") in rows
    assert len(rows) == len(set(rows)) == 3
    assert (await desk.director.get(f"/imaging/images/{image}")).text.count("data-finding=") == 3


async def test_a_name_that_the_clinic_gives_a_sign_comes_with_the_next_loading(desk: Desk) -> None:
    analysis = await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    before = await desk.clinic.rows("select count(*) from imaging.finding")
    assert (await desk.linked.connect(**{**desk.linked.fields, "signs": "9001=Кариес"})).status_code == 204
    await desk.load(analysis)
    assert await desk.work() == ["ready"]
    titles = dict(await desk.clinic.rows("select code, title from imaging.finding"))
    assert (titles["dc:9001"], titles["dc:9002"]) == ("Кариес", "Признак №9002")
    assert await desk.clinic.rows("select count(*) from imaging.finding") == before


async def test_a_sign_that_the_clinic_hides_is_no_suggestion_any_more(desk: Desk) -> None:
    """What a doctor decided stays; programs hear of what is gone."""
    analysis = await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    known = dict(
        await desk.clinic.rows("select code, id from imaging.finding where tooth = '36' and code like 'dc:90%'")
    )
    hidden, accepted, rejected = (known[code] for code in ("dc:9001", "dc:9002", "dc:9010"))
    for finding, decision in ((accepted, "accepted"), (rejected, "rejected")):
        decided = await desk.director.post(f"/imaging/findings/{finding}/decide", data={"decision": decision})
        assert decided.status_code == 204, decided.text
    program = await desk.clinic.program("imaging.image.view", per_minute=3000)
    _, cursor = await followed(program, CHANGES, [hidden])
    signs = "9001=скрыть; 9002=скрыть; 9010=скрыть"
    assert (await desk.linked.connect(**{**desk.linked.fields, "signs": signs})).status_code == 204
    await desk.load(analysis)
    assert await desk.work() == ["ready"]
    left = await desk.clinic.rows(
        "select code, decision from imaging.finding where code in ('dc:9001', 'dc:9002', 'dc:9010')"
    )
    assert sorted(left) == [("dc:9002", "accepted"), ("dc:9010", "rejected")]
    told, _ = await followed(program, CHANGES, [hidden], cursor)
    assert told[hidden]["deleted"]
    others = await desk.clinic.rows("select code from imaging.finding where decision = 'pending'")
    assert ("dc:9003",) in others


async def test_only_an_answer_without_findings_takes_suggestions_away(desk: Desk) -> None:
    """A refusal and a failure do not."""
    analysis = await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    before = await desk.clinic.rows("select id from imaging.finding order by id")
    for fault in ("refused", "diagnoses"):
        await desk.fake.misbehave(fault, 99)
        await desk.load(analysis)
        assert await desk.work(1) == ["ready"]
        assert (await desk.linked.state())[0] == "failing", fault
        assert await desk.clinic.rows("select id from imaging.finding order by id") == before, fault
        await desk.fake.misbehave(fault, 0)
    await desk.press("unchoose")
    await desk.load(analysis)
    assert await desk.work(2) == ["needs_teeth"]
    assert await desk.clinic.rows("select id from imaging.finding") == []


async def test_a_slip_in_the_names_of_signs_takes_no_results_away(desk: Desk) -> None:
    """«Сохранить» keeps it unread; the lines that can be read count all the same."""
    await desk.start(await desk.add())
    for _ in range(6):
        states = await desk.work(1)
        if states == ["processing"]:
            break
    assert states == ["processing"]
    await desk.linked.fill(**{**desk.linked.fields, "signs": "1044 Кариес; 9001=Скол"})
    assert await desk.work() == ["ready"]
    assert await desk.press("count") == "1"
    titles = dict(await desk.clinic.rows("select code, title from imaging.finding"))
    assert (titles["dc:9001"], titles["dc:9002"]) == ("Скол", "Признак №9002")
