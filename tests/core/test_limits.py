"""No test is waited for without end."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import ended_after


async def test_what_never_comes_is_given_up_and_shows_where() -> None:
    async def forgotten() -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError) as given_up:
        await ended_after(0.01, forgotten)()
    cause = given_up.getrepr(style="long")
    assert "asyncio.Event().wait()" in str(cause)
