"""Texts of strangers: whatever they hold, PostgreSQL takes what is left."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from prikus.toolkit import storable


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, ""), ("", ""), (" \0 ", ""), ("\0 Болит\0 зуб\n", "Болит зуб"), ("\ud83e зуб", "? зуб"), ("🦷", "🦷")],
)
async def test_what_is_kept_of_a_text_can_be_stored(ctx_as: Any, given: str | None, kept: str) -> None:
    assert storable(given) == kept
    async with ctx_as("system") as ctx:
        assert await ctx.db.scalar(text("select cast(:words as text)"), {"words": storable(given)}) == kept
