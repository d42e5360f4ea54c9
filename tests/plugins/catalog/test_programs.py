"""The price list as programs use it (API-01)."""

from __future__ import annotations

from prikus.testing.clinics import TestClinic
from prikus.testing.following import followed

API = "/api/v1/catalog"
VIEW, EDIT, DELETE = (f"catalog.service.{word}" for word in ("view", "edit", "delete"))


async def test_a_program_keeps_a_price_list_and_follows_it(clinic: TestClinic) -> None:
    program = await clinic.program(VIEW, EDIT, DELETE, per_minute=3000)
    category = await program.post(
        f"{API}/categories", json={"name": "Терапия"}, headers={"Idempotency-Key": "kategorija"}
    )
    body = {"category_id": category.json()["id"], "name": "Пломба", "code": "A16", "price": "5900.00", "tax_code": "1"}
    made = [
        await program.post(f"{API}/services", json=body, headers={"Idempotency-Key": "first-filling"}) for _ in "12"
    ]
    assert [one.status_code for one in made] == [201, 201]
    id = made[0].json()["id"]
    assert made[1].json() == {"id": id}
    found, cursor = await followed(program, f"{API}/services/changes", [id])
    assert (found[id]["price"], found[id]["is_active"], found[id]["tax_code"]) == ("5900.00", True, "1")
    assert found[id] == (await program.get(f"{API}/services/{id}")).json()
    changed = body | {"price": "6100.00", "row_version": found[id]["row_version"]}
    assert (await program.post(f"{API}/services/{id}", json=changed)).status_code == 200
    assert (await program.post(f"{API}/services/{id}", json=changed)).status_code == 409
    prices = (await program.get(f"{API}/services/{id}/prices")).json()
    assert [one["price"] for one in prices] == ["6100.00", "5900.00"]
    assert (await program.post(f"{API}/services/{id}/delete")).status_code == 200
    found, _ = await followed(program, f"{API}/services/changes", [id], cursor)
    assert found[id]["deleted"] is True
    assert (await program.get(f"{API}/services/{id}")).status_code == 404


async def test_a_mistake_is_told_beside_its_field(clinic: TestClinic) -> None:
    program = await clinic.program(VIEW, EDIT)
    headers = {"Idempotency-Key": "wrong-service"}
    refused = await program.post(
        f"{API}/services", json={"category_id": 1, "name": " ", "price": "-1", "oops": 1}, headers=headers
    )
    assert refused.status_code == 422
    refused = await program.post(
        f"{API}/services", json={"category_id": 1, "name": "x", "price": "-1"}, headers=headers
    )
    assert refused.json()["fields"].keys() == {"category_id", "price"}


async def test_an_x_ray_stays_one_when_it_is_sent_and_written_back(clinic: TestClinic) -> None:
    program = await clinic.program(VIEW, EDIT, per_minute=3000)
    headers = {"Idempotency-Key": "category-of-images"}
    category = (await program.post(f"{API}/categories", json={"name": "Снимки"}, headers=headers)).json()["id"]
    body = {"category_id": category, "name": "КЛКТ", "price": "4900.00", "xray_type": "cbct", "dose_usv": 90}
    made = await program.post(f"{API}/services", json=body, headers={"Idempotency-Key": "the-image"})
    path = f"{API}/services/{made.json()['id']}"
    read = (await program.get(path)).json()
    assert (read["xray_type"], read["dose_usv"]) == ("cbct", 90)
    back = {name: value for name, value in read.items() if name not in ("id", "deleted")}
    assert (await program.post(path, json=back)).status_code == 200
    read = (await program.get(path)).json()
    assert (read["xray_type"], read["dose_usv"]) == ("cbct", 90)
    plain = {name: value for name, value in read.items() if name not in ("id", "deleted", "xray_type")}
    refused = await program.post(path, json=plain)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["dose_usv"])
    del plain["dose_usv"]
    assert (await program.post(path, json=plain)).status_code == 200
    assert (await program.get(path)).json()["xray_type"] is None
