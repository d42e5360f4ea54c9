"""Whatever a screen can do, a program can: mechanically, for every form of every page (API-01)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from types import FunctionType

import pytest
from litestar import Litestar

from prikus_catalog import pages as catalog_pages
from prikus_catalog import services as catalog_services
from tests.contract.samples import RIGHTS
from tests.contract.screens.counterparts import PAGE, TABLE, counterparts, doors_of, services_of, table, without

WORD = re.compile(r"\\\{\w+:str\\\}")
Words = tuple[str, ...]
WITHOUT_LINES = {
    "POST /telephony/calls/{call_id:int}/call-back",
    "POST /telephony/patients/{patient_id:int}/call",
    "POST /messaging/messages/new",
    "POST /imaging/patients/{patient_id:int}/new",
    "POST /imaging/images/{image_id:int}/analyse",
    "POST /imaging/analyses/{analysis_id:int}/load",
}
"""They ring a real telephone, take a file or need a service: `tests/contract/test_telephony.py`, `test_messaging.py`
and `test_imaging.py` say where their rights are proved."""


@cache
def rights() -> dict[str, set[str]]:
    """The least that a line needs, by the table that the contracts hold against reality."""
    found: dict[str, set[str]] = {}
    for area in tomllib.loads(RIGHTS.read_text("utf-8")).values():
        for line, needed in area["routes"].items():
            route = line.partition(" (")[0]
            found[route] = found.get(route, set(needed)) & set(needed)
    return found


def lines_of(route: str) -> dict[Words, set[str]]:
    """What a route needs for the words that the table has in the places of its textual parameters."""
    pattern = re.compile(WORD.sub(lambda _: r"([^/]+)", re.escape(route)))
    lines = ((pattern.fullmatch(line), needed) for line, needed in rights().items())
    return {found.groups(): needed for found, needed in lines if found}


@pytest.mark.spec("API-01", part="screens, without registers and the drawer")
async def test_every_form_has_a_route_for_programs_or_a_reason(app: Litestar) -> None:
    found = counterparts(app.routes)
    assert len(found) > 60
    alone = {screen for screen, routes in found.items() if not routes}
    assert alone == without().keys()
    assert all(reason.strip() for reason in without().values())


async def test_programs_need_no_other_right_than_people(app: Litestar) -> None:
    compared, more = set[str](), {}
    for screen, routes in counterparts(app.routes).items():
        people = lines_of(screen)
        for route in routes:
            for words, needed in lines_of(route).items():
                compared.add(screen)
                if beyond := needed - people[words]:
                    more[screen, route, words] = beyond
    assert not more
    alone = {screen for screen, routes in counterparts(app.routes).items() if routes} - compared
    assert alone == WITHOUT_LINES


async def test_the_documentation_shows_them(app: Litestar) -> None:
    shown = TABLE.search(PAGE.read_text("utf-8"))
    assert shown is not None
    assert shown[0] == table(app.routes), "write it anew: python -m tests.contract.screens.counterparts"


def test_services_are_found_in_handlers_helpers_and_inner_functions() -> None:
    """The twin: a form whose service no route calls stands alone."""
    assert catalog_services.add_category in services_of(catalog_pages.create_category.fn)
    assert catalog_services.prices_of in services_of(catalog_pages.edit_service.fn)
    assert catalog_services.categories in services_of(catalog_pages.new_service.fn)


async def test_twin_without_the_route_of_programs_the_form_stands_alone(app: Litestar) -> None:
    screens, programs = doors_of(app.routes)
    gone = "POST /api/v1/catalog/services"
    left = [route for route in app.routes if route.path != gone.removeprefix("POST ")]
    assert gone in programs
    assert counterparts(app.routes)["POST /catalog/services/new"] == [gone]
    assert counterparts(left)["POST /catalog/services/new"] == []
    off = "/settings/modules/{plugin_id:str}/off"
    left = [route for route in app.routes if route.path != f"/api/v1{off}"]
    assert counterparts(app.routes)[f"POST {off}"] == [f"POST /api/v1{off}"]
    assert counterparts(left)[f"POST {off}"] == []
    assert all(isinstance(one, FunctionType) for services in screens.values() for one in services)
