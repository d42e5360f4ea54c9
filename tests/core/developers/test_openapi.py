"""The description of the API: whole, honest, and for each clinic only what is on."""

from __future__ import annotations

from typing import Any

import pytest

from prikus.testing.clinics import TestClinic

ADDRESS = "/schema/openapi.json"
NEEDED = {"400", "401", "403", "404", "405", "409", "413", "422", "429", "503"}


@pytest.fixture
async def document(clinic: TestClinic) -> dict[str, Any]:
    return (await (await clinic.program("patients.patient.view")).get(ADDRESS)).json()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


async def test_every_operation_is_described(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) > 10
    ids = [one["operationId"] for one in found]
    assert len(set(ids)) == len(ids)
    tags = {tag["name"] for tag in document["tags"]}
    for one in found:
        assert one["tags"]
        assert tags.issuperset(one["tags"])
        assert one.get("description"), one["operationId"]
        assert one["responses"].keys() >= NEEDED, one["operationId"]
        assert "default" not in one["responses"]


async def test_every_schema_says_what_it_holds(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    empty = [name for name, one in schemas.items() if one.get("type") == "object" and not one.get("properties")]
    assert empty == []


async def test_what_is_off_is_not_there(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    paths = (await director.get(ADDRESS)).json()["paths"]
    assert any(path.startswith("/api/v1/calendar/") for path in paths)
    assert (await director.htmx.post("/settings/modules/calendar/off", data={"confirmed": "online_booking"})).is_success
    after = (await director.get(ADDRESS)).json()
    assert not any("calendar" in path for path in after["paths"])
    assert "calendar" not in {tag["name"] for tag in after["tags"]}
    stranger = await clinic.client_as(None)
    stranger.cookies.clear()
    assert any("calendar" in path for path in (await stranger.get(ADDRESS)).json()["paths"])
