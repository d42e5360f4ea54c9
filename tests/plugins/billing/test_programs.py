"""Invoices, payments and deposits as programs use them (API-01)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.following import followed, pages
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service
from tests.contract.samples import new_patient

API = "/api/v1/billing"


async def sold(clinic: TestClinic) -> int:
    async with clinic.ctx_as("director") as ctx:
        category = await add_category(ctx, CategoryForm(name="Терапия"))
        form = ServiceForm(category_id=category, name="Пломба", price=Decimal("100.00"), is_active=True)
        return await add_service(ctx, form)


@pytest.mark.spec("API-01", part="changes and metadata of invoices")
async def test_a_program_issues_is_paid_once_and_hears_of_every_step(clinic: TestClinic) -> None:
    program = await clinic.program(per_minute=3000)
    patient, service = int(await new_patient(clinic, "Счётова")), await sold(clinic)
    new = {"patient_id": patient, "lines": [{"service_id": service, "quantity": 2}], "note": "с сайта"}
    made = [
        await program.post(f"{API}/invoices", json=new, headers={"Idempotency-Key": "order-number-1"}) for _ in "12"
    ]
    assert [one.status_code for one in made] == [201, 201], made[0].text
    assert made[0].json() == made[1].json()
    id = made[0].json()["invoice_id"]
    path = f"{API}/invoices/{id}"
    await program.post(f"{path}/metadata", json={"metadata": {"shop.order": "1"}})
    wish = {"cash": "150.00", "cashless": "50.00"}
    paid = [await program.post(f"{path}/pay", json=wish, headers={"Idempotency-Key": "order-number-2"}) for _ in "12"]
    assert [one.json()["due"] for one in paid] == ["0.00", "0.00"], paid[0].text
    again = await program.post(f"{path}/pay", json=wish, headers={"Idempotency-Key": "order-number-3"})
    assert again.status_code == 409
    found, cursor = await followed(program, f"{API}/invoices/changes", [id])
    one = found[id]
    assert (one["status"], one["total"], one["paid"]) == ("paid", "200.00", "200.00")
    assert (one["number"], one["metadata"]) == (made[0].json()["number"], {"shop.order": "1"})
    back = {"lines": [{"position": 1, "quantity": 1}], "way": "deposit", "reason": "не понадобилось"}
    refund = await program.post(f"{path}/refund", json=back, headers={"Idempotency-Key": "order-number-4"})
    assert refund.json()["amount"] == "100.00", refund.text
    found, _ = await followed(program, f"{API}/invoices/changes", [id], cursor)
    assert (found[id]["status"], found[id]["refunded"]) == ("partly_refunded", "100.00")
    account = (await program.get(f"{API}/patients/{patient}/account")).json()
    assert account == {"debt": "0.00", "deposit": "100.00"}
    card = (await program.get(path)).json()
    assert len(card["lines"]) == 1
    # What came before the refund, which was told already, is told too.
    moved = [item async for page in pages(program, f"{API}/payments/changes") for item in page["items"]]
    assert sorted((one["kind"], one["amount"]) for one in moved) == [("cash", "150.00"), ("cashless", "50.00")]


async def test_sums_are_held_to_what_forms_are(clinic: TestClinic) -> None:
    program = await clinic.program(per_minute=3000)
    patient, service = int(await new_patient(clinic, "Копейкина")), await sold(clinic)
    line = {"service_id": service, "price": "0.001"}
    refused = await program.post(
        f"{API}/invoices",
        json={"patient_id": patient, "lines": [line]},
        headers={"Idempotency-Key": "less-than-kopeck"},
    )
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["lines[0].price"])
    path = f"{API}/patients/{patient}/deposit/top-up"
    for number, amount in enumerate(("NaN", "1e400", "0.005")):
        headers = {"Idempotency-Key": f"strange-sum-{number}"}
        refused = await program.post(path, json={"kind": "cash", "amount": amount}, headers=headers)
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["amount"])
    taken = await program.post(
        path, json={"kind": "cash", "amount": "70.00"}, headers={"Idempotency-Key": "seventy-roubles"}
    )
    assert taken.json()["balance"] == "70.00"
    moves = (await program.get(f"{API}/patients/{patient}/deposit/moves")).json()
    assert [one["amount"] for one in moves["items"]] == ["70.00"]
