"""The last look before the first request: every built address has an owner. Other refusals: tests/contract/refusals."""

import pytest
from litestar import Litestar, get

from prikus.host.routing import audit
from prikus.host.rules import Refused


def test_an_address_that_nobody_owns() -> None:
    @get("/back-door")
    async def back_door() -> str:
        return "in"

    made = Litestar([back_door], openapi_config=None)
    with pytest.raises(Refused, match="адрес /back-door не принадлежит ни ядру, ни плагину") as refused:
        audit(made.routes, ())
    assert refused.value.finding.rule == "P042"
    audit(made.routes, ("/back-door",))
