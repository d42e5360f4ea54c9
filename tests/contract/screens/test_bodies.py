"""What a program misspells is refused, never dropped: mechanically, for every body of every route (API-01)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from prikus.testing.clinics import TestClinic

KEY = {"Idempotency-Key": "a-misspelt-word"}


def structs(hint: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs that a type is made of, inner ones too."""
    for part in get_args(hint):
        yield from structs(part)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
        for field in msgspec.structs.fields(hint):
            yield from structs(field.type)


def bodies(app: Litestar) -> dict[str, list[type[msgspec.Struct]]]:
    """Structs of the bodies of routes for programs, by the path."""
    found = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if route.path.startswith("/api/v1/") and isinstance(handler, HTTPRouteHandler):
                data = handler.parsed_fn_signature.parameters.get("data")
                found[route.path] = found.get(route.path, []) + list(structs(data.annotation if data else None))
    return {path: named for path, named in found.items() if named}


async def test_no_body_takes_a_field_that_nobody_knows(app: Litestar) -> None:
    found = bodies(app)
    assert len(found) > 30
    assert {one for named in found.values() for one in named if not strict(one)} == set()


def strict(struct: type[msgspec.Struct]) -> bool:
    return struct.__struct_config__.forbid_unknown_fields


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("catalog/categories", {"name": "Терапия", "nmae": "Хирургия"}, "nmae"),
        ("crm/requests", {"name": "Котова", "phone_number": "8 912 340-12-90"}, "phone_number"),
        ("crm/requests/1/move", {"status": "work", "reason": "x"}, "reason"),
        ("telephony/extensions", {"connection_id": 1, "number": "101", "staff_id": 1, "titel": "x"}, "titel"),
    ],
)
async def test_the_misspelt_field_is_named(clinic: TestClinic, path: str, body: dict[str, Any], word: str) -> None:
    refused = await (await clinic.program()).post(f"/api/v1/{path}", json=body, headers=KEY)
    assert refused.status_code == 422
    assert list(refused.json()["fields"]) == [word]
