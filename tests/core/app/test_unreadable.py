"""What a program sent and nobody can read: a sentence beside the name of each thing that does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from prikus.testing.clinics import TestClinic

PATIENTS = "/api/v1/patients"
KEY = {"Idempotency-Key": "a-key-long-enough"}
ANNA = {"last_name": "Иванова", "first_name": "Анна", "phone": "+79123401290"}


@pytest.mark.parametrize(
    ("body", "headers", "name"),
    [
        (ANNA, {}, "Idempotency-Key"),
        (ANNA, {"Idempotency-Key": "short"}, "Idempotency-Key"),
        (ANNA | {"gender_id": "мужской"}, KEY, "gender_id"),
        ({"first_name": "Анна", "phone": "+79123401290"}, KEY, "last_name"),
    ],
)
async def test_what_does_not_fit_is_named(
    clinic: TestClinic, body: dict[str, Any], headers: dict[str, str], name: str
) -> None:
    program = await clinic.program()
    answer = await program.post(PATIENTS, json=body, headers=headers)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [name])


async def test_an_unknown_field_and_one_inside_another_are_named(clinic: TestClinic) -> None:
    program = await clinic.program()
    for body, name in (
        ({"metadata": {}, "oops": 1}, "oops"),
        ({"metadata": {"crm": 5}}, "metadata[...]"),
        ({}, "metadata"),
    ):
        answer = await program.post(f"{PATIENTS}/1/metadata", json=body)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, [name])


async def test_a_query_that_does_not_fit_is_named_and_an_address_that_does_not_is_nowhere(clinic: TestClinic) -> None:
    program = await clinic.program()
    answer = await program.get(PATIENTS, params={"limit": "много"})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["limit"])
    missing = await program.get(f"{PATIENTS}/search")
    assert (missing.status_code, list(missing.json()["fields"])) == (422, ["q"])
    assert (await program.get(f"{PATIENTS}/0")).status_code == 404
