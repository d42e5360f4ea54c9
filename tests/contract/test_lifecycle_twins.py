"""Twins of the contract about a patient's data: where merging, export or erasing passes a plugin by, it fails."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from prikus.patients.services import emptying, merging
from prikus.patients.services.tracing import Map
from prikus.testing.clinics import TestClinic
from tests.contract import test_billing


async def nothing(*_: Any) -> int:
    return 0


async def no_rows(*_: Any) -> list[int]:
    return []


async def into_trash(ctx: Any, gone: Any) -> None:
    await ctx.db.execute(text("update core.patient set deleted_at = now() where id = :id"), {"id": gone.id})


PASSED_BY = {
    "rows still point to the merged card": ((merging, "move", no_rows), (merging, "remove_card", into_trash)),
    "export of patient": ((Map, "reach", lambda _: []),),
    "erasing left the marker": ((emptying, "_empty", nothing),),
}


@pytest.mark.parametrize("sentence", PASSED_BY)
async def test_twin_a_plugin_that_is_passed_by(
    clinic: TestClinic, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, name, instead in PASSED_BY[sentence]:
        monkeypatch.setattr(place, name, instead)
    with pytest.raises(AssertionError, match=sentence):
        await test_billing.TestBilling().test_merging_export_and_erasing_take_part(clinic, True)
