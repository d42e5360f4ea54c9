"""Calls as programs follow them (API-01)."""

from __future__ import annotations

from prikus.testing.clinics import TestClinic
from prikus.testing.following import followed
from tests.plugins.telephony.conftest import Exchange

CHANGES = "/api/v1/telephony/calls/changes"


async def test_a_call_that_turns_out_to_be_between_colleagues_is_told_as_gone(
    clinic: TestClinic, exchange: Exchange
) -> None:
    """Its number is of no client: who has noted it forgets it again."""
    program = await clinic.program("telephony.call.view", per_minute=3000)
    call = await exchange.ring()
    found, cursor = await followed(program, CHANGES, [call])
    assert found[call]["client_number"] == "+79123401289"
    await exchange.hear(exchange.leg("answered", 3, is_internal=True))
    found, cursor = await followed(program, CHANGES, [call], cursor)
    gone = {name: value for name, value in found[call].items() if value is not None}
    assert gone == {"id": call, "deleted": True}
    assert (await program.get("/api/v1/telephony/calls")).json()["rows"] == []
    await exchange.hear(exchange.leg("ringing", 4, leg="l2"))
    found, _ = await followed(program, CHANGES, [call], cursor)
    assert (found[call]["deleted"], found[call]["direction"]) == (False, "in")
