"""What needs a connected service: who may ask it, of which image, in which clinic."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.rights import person_with
from tests.plugins.imaging.provider.conftest import Desk
from tests.plugins.newborn import connected

Make = Callable[[], Awaitable[TestClinic]]


async def test_only_who_may_start_an_analysis_starts_one_and_asks_for_it(desk: Desk) -> None:
    image = await desk.add()
    analysis = await desk.start(image)
    other = await desk.add()
    denied = await person_with(desk.clinic, "director", **{"imaging.analysis.start": False})
    allowed = await person_with(desk.clinic, None, **{"imaging.analysis.start": True})
    for person, expected in ((denied, 403), (allowed, 204)):
        client = (await desk.clinic.client_as(person)).htmx
        answers = [
            await client.post(f"/imaging/analyses/{analysis}/load"),
            await client.post(f"/imaging/images/{other}/analyse", data={}),
        ]
        assert [answer.status_code for answer in answers] == [expected, expected]


async def test_programs_do_the_same(desk: Desk) -> None:
    image = await desk.add()
    program = await desk.clinic.program("imaging.image.view", "imaging.analysis.start")
    key = {"Idempotency-Key": uuid.uuid4().hex}
    [service] = (await program.get("/api/v1/imaging/services")).json()
    assert service == {"connection_id": desk.linked.id, "title": "Зоркий глаз", "service": "Зоркий глаз"}
    path, wish = f"/api/v1/imaging/images/{image}/analyse", {"connection_id": desk.linked.id}
    first = await program.post(path, json=wish, headers=key)
    again = await program.post(path, json=wish, headers=key)
    assert (first.status_code, first.json()) == (201, again.json())
    assert (await program.post(path, json=wish, headers={"Idempotency-Key": uuid.uuid4().hex})).status_code == 409
    assert await desk.work(4) == ["ready"]
    loaded = await program.post(f"/api/v1/imaging/analyses/{first.json()['analysis_id']}/load")
    assert loaded.status_code == 200, loaded.text
    said = (await program.get(f"/api/v1/imaging/images/{image}")).json()
    assert [one["tooth"] for one in said["analyses"][0]["findings"]] == ["36", "36", "46"]
    bare = await desk.clinic.program("imaging.image.view")
    assert (await bare.post(path, json=wish, headers={"Idempotency-Key": uuid.uuid4().hex})).status_code == 403


async def test_of_several_services_one_is_chosen(desk: Desk) -> None:
    mole = await connected(desk.clinic, "blind")
    image = await desk.add()
    path = f"/imaging/images/{image}/analyse"
    unsaid = await desk.director.post(path, data={})
    assert unsaid.json()["fields"].keys() == {"connection_id"}
    panel = (await desk.director.get(path)).text
    assert ("Зоркий глаз" in panel, "Слепой крот" in panel) == (True, True)
    assert (await desk.director.post(path, data={"connection_id": "9999"})).status_code == 422
    await desk.start(image, connection_id=str(mole.id))
    await desk.start(image, connection_id=str(desk.linked.id))
    assert await desk.work(5) == ["ready", "ready"]
    page = (await desk.director.get(f"/imaging/images/{image}")).text
    assert page.count('id="analysis-') == 2


async def test_a_service_gets_only_what_it_takes(desk: Desk) -> None:
    """The fake takes tomograms as DICOM only: nothing is offered, and asked for all the same it is refused."""
    image = await desk.add(kind="cbct")
    assert "Отправить на анализ" not in (await desk.director.get(f"/imaging/images/{image}")).text
    refused = await desk.director.post(f"/imaging/images/{image}/analyse", data={"connection_id": str(desk.linked.id)})
    assert refused.status_code == 422
    assert "Отправить на анализ" in (await desk.director.get(f"/imaging/images/{await desk.add()}")).text


async def test_without_a_service_there_is_no_icon(desk: Desk) -> None:
    patient = await desk.clinic.patient()
    image = await desk.add(patient)
    section = f"/imaging/patients/{patient}"
    assert "Отправить на анализ" in (await desk.director.get(section)).text
    await desk.linked.disconnect()
    assert "Отправить на анализ" not in (await desk.director.get(section)).text
    assert (await desk.director.post(f"/imaging/images/{image}/analyse", data={})).status_code == 409


@pytest.mark.parametrize("place", ["/imaging", "/api/v1/imaging"])
async def test_another_clinics_numbers_are_refused(desk: Desk, make_clinic: Make, place: str) -> None:
    """The twin is every other test here: the same requests work for the owner."""
    image = await desk.add()
    analysis = await desk.start(image)
    own = await connected(await make_clinic(), "keen")
    director = own.director
    key = {"Idempotency-Key": uuid.uuid4().hex}
    wish = {"connection_id": own.id}
    body: dict[str, Any] = {"json": wish, "headers": key} if place.startswith("/api") else {"data": wish}
    before = await desk.rows("id, row_version")
    assert (await director.post(f"{place}/images/{image}/analyse", **body)).status_code == 404
    assert (await director.post(f"{place}/analyses/{analysis}/load")).status_code == 404
    mine = Desk(own)
    foreign = {"connection_id": str(desk.linked.id)}
    assert (await director.post(f"/imaging/images/{await mine.add()}/analyse", data=foreign)).status_code == 422
    assert await desk.rows("id, row_version") == before
