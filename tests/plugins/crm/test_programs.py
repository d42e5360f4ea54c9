"""Requests as programs use them (API-01)."""

from __future__ import annotations

from prikus.testing.clinics import TestClinic
from prikus.testing.following import followed

API = "/api/v1/crm/requests"


async def test_a_program_writes_a_request_down_once_moves_it_and_hears_what_became_of_it(clinic: TestClinic) -> None:
    program = await clinic.program("crm.request.view", "crm.request.edit", "crm.request.delete", per_minute=3000)
    body = {"name": "Котова", "phone": "8 912 340-12-90", "text": "Болит зуб"}
    made = [await program.post(API, json=body, headers={"Idempotency-Key": "site-order-17"}) for _ in "12"]
    assert [one.status_code for one in made] == [201, 201]
    id = made[0].json()["id"]
    assert made[1].json() == {"id": id}
    found, cursor = await followed(program, f"{API}/changes", [id])
    assert (found[id]["phone"], found[id]["text"], found[id]["status"]) == ("+79123401290", "Болит зуб", "new")
    assert (await program.post(f"{API}/{id}/move", json={"status": "work"})).status_code == 200
    assert (await program.post(f"{API}/{id}/move", json={"status": "refused"})).status_code == 409
    stale = await program.post(f"{API}/{id}", json=body | {"row_version": found[id]["row_version"]})
    assert stale.status_code == 409
    changed = await program.post(f"{API}/{id}", json=body | {"row_version": stale.json()["row_version"]})
    assert changed.status_code == 200
    assert (await program.post(f"{API}/{id}/metadata", json={"metadata": {"site.order": "17"}})).status_code == 200
    found, cursor = await followed(program, f"{API}/changes", [id], cursor)
    assert found[id]["metadata"] == {"site.order": "17"}
    assert (await program.post(f"{API}/{id}/delete")).status_code == 200
    found, _ = await followed(program, f"{API}/changes", [id], cursor)
    assert found[id]["deleted"] is True


async def test_what_is_missing_is_told_beside_its_field(clinic: TestClinic) -> None:
    program = await clinic.program("crm.request.view", "crm.request.edit")
    refused = await program.post(API, json={"text": "?"}, headers={"Idempotency-Key": "nobody-at-all"})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["name"])
