"""The staff, rights, places and the trash as programs use them (API-01)."""

from __future__ import annotations

from prikus.testing.clinics import TestClinic
from prikus.testing.following import followed

STAFF = "/api/v1/staff"
ANNA = {"kind": "doctor", "last_name": "Врачёва", "first_name": "Анна", "email": "vracheva@example.ru"}


async def test_a_program_invites_a_doctor_once_and_gets_the_link_apart(clinic: TestClinic) -> None:
    program = await clinic.program(per_minute=3000)
    professions = (await program.get(f"{STAFF}/professions")).json()
    doctor = next(one["id"] for one in professions if one["kind"] == "doctor")
    body = ANNA | {"email": f"{clinic.slug}-{ANNA['email']}", "specialities": [doctor]}
    made = [await program.post(STAFF, json=body, headers={"Idempotency-Key": "invite-anna"}) for _ in "12"]
    assert [one.status_code for one in made] == [201, 201], made[0].text
    id = made[0].json()["id"]
    assert made[1].json() == {"id": id}
    link = (await program.post(f"{STAFF}/{id}/link")).json()["url"]
    assert "/link/" in link
    found, cursor = await followed(program, STAFF, [id])
    assert (found[id]["last_name"], found[id]["professions"]) == ("Врачёва", [doctor])
    changed = body | {"last_name": "Иная", "row_version": found[id]["row_version"]}
    changed.pop("email")
    assert (await program.post(f"{STAFF}/{id}", json=changed)).status_code == 200
    assert (await program.post(f"{STAFF}/{id}", json=changed)).status_code == 409
    assert (await program.get(f"{STAFF}/{id}")).json()["last_name"] == "Иная"
    assert (await program.post(f"{STAFF}/{id}/delete")).status_code == 200
    found, _ = await followed(program, STAFF, [id], cursor)
    assert found[id]["deleted"] is True
    restored = await program.post(f"/api/v1/trash/staff/{id}/restore")
    assert restored.json()["id"] == id


async def test_a_program_gives_no_right_that_it_lacks(clinic: TestClinic) -> None:
    program = await clinic.program("staff.group.edit", "patients.patient.view")
    made = await program.post(f"{STAFF}/groups", json={"title": "Сайт"}, headers={"Idempotency-Key": "group-of-site"})
    path = f"{STAFF}/groups/{made.json()['id']}"
    version = (await program.get(path)).json()["row_version"]
    beyond = await program.post(path, json={"row_version": version, "rights": ["patients.patient.erase"]})
    assert beyond.status_code == 403
    within = await program.post(path, json={"row_version": version, "rights": ["patients.patient.view"]})
    assert within.status_code == 200


async def test_a_program_furnishes_a_branch_and_switches_a_module(clinic: TestClinic) -> None:
    program = await clinic.program(per_minute=3000)
    api = "/api/v1/settings"
    [branch] = (await program.get(f"{api}/branches")).json()
    made = [
        await program.post(
            f"{api}/branches/{branch['id']}/chairs", json={"name": "Синее"}, headers={"Idempotency-Key": "blue-chair"}
        )
        for _ in "12"
    ]
    assert [one.status_code for one in made] == [201, 201]
    [branch] = (await program.get(f"{api}/branches")).json()
    assert [chair["name"] for chair in branch["chairs"]] == ["Синее"]
    entity = (await program.get(f"{api}/organization")).json()
    wish = {name: entity[name] for name in ("row_version", "full_name", "short_name")}
    assert (await program.post(f"{api}/organization", json=wish | {"inn": "12"})).json()["fields"].keys() == {"inn"}
    assert (await program.post(f"{api}/organization", json=wish | {"inn": "6671234567"})).json()["inn"] == "6671234567"
    unseen = await program.post(f"{api}/modules/catalog/off", json={})
    assert unseen.status_code == 409
    card = next(one for one in (await program.get(f"{api}/modules")).json() if one["id"] == "catalog")
    off = await program.post(f"{api}/modules/catalog/off", json={"confirmed": card["dependants"]})
    assert off.json()["modules"][-1] == "catalog"
    assert (await program.get("/api/v1/catalog/categories")).status_code == 404
    assert (await program.post(f"{api}/modules/catalog/on")).status_code == 200
    assert (await program.get("/api/v1/catalog/categories")).status_code == 200


async def test_a_card_is_erased_only_by_its_number(clinic: TestClinic) -> None:
    program = await clinic.program(per_minute=3000)
    api = "/api/v1/patients"
    new = {"last_name": "Стираемая", "first_name": "Анна", "phone": "+79123401290"}
    id = (await program.post(api, json=new, headers={"Idempotency-Key": "to-be-erased"})).json()["id"]
    await program.post(f"{api}/{id}/metadata", json={"metadata": {"site.phone": "+79123401290"}})
    number = (await program.get(f"{api}/{id}")).json()["card_number"]
    wrong = await program.post(f"{api}/{id}/erase", json={"reason": "Заявление", "card_number": number + 1})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["card_number"])
    kept = await program.get(f"{api}/{id}/export")
    assert (kept.status_code, kept.content[:2]) == (200, b"PK")
    assert (await program.post(f"{api}/{id}/erase", json={"reason": "Заявление", "card_number": number})).is_success
    assert (await program.get(f"{api}/{id}/metadata")).status_code == 404
    found, _ = await followed(program, api, [id])
    assert found[id]["deleted"] is True
    assert "79123401290" not in str(found[id])


async def test_reference_books_of_a_card_are_given(clinic: TestClinic) -> None:
    program = await clinic.program("patients.patient.view")
    found = (await program.get("/api/v1/patients/choices")).json()
    assert [one["name"] for one in found["genders"]] == ["Мужской", "Женский"]
    assert found["channels"]
