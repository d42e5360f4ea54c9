"""The token of a plain form is found in its first bytes, whatever a stranger sends."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from prikus.app import door

TOKEN = "a1" * 32
HOSTILE = (
    b'name="csrf_token"\r\n' * 50_000,
    b'name="csrf_token"\r\nX: y\r\n' * 40_000,
    b'name="csrf_token"\r\n' + b"x\r\n" * 300_000,
    b'name="csrf_token"\r\n\r\n' + b"a" * 1_000_000,
)


@contextmanager
def at_once() -> Iterator[None]:
    """Fails when it takes the processor for more than two seconds: the loop of the whole process stands meanwhile."""

    def late(*_: object) -> None:
        raise AssertionError("the loop stands")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


async def noted(*messages: dict[str, Any], kind: str = door.FORM_WITH_FILES) -> tuple[str | None, list[Any]]:
    """The token that the door finds, and what the application is given to read afterwards."""
    coming = iter(messages)
    scope = {"method": "POST", "state": {}}
    request: Any = SimpleNamespace(scope=scope, headers={"content-type": kind})

    async def receive() -> Any:
        return next(coming)

    again = await door.Door._note_field(SimpleNamespace(), request, receive)  # type: ignore[arg-type]
    heard = [await again()]
    while heard[-1].get("more_body"):
        heard.append(await again())
    return scope["state"].get(door.FIELD), heard  # type: ignore[attr-defined]


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("body", HOSTILE)
async def test_a_stranger_cannot_hold_the_process(body: bytes) -> None:
    with at_once():
        token, _ = await noted(part(body, more=False))
    assert token == ""


async def test_crumbs_are_not_searched_from_the_beginning_each_time() -> None:
    crumbs = [part(b'name="csrf_token"\r\nX: y\r\n' * 2, more=True) for _ in range(20_000)]
    with at_once():
        token, _ = await noted(*crumbs, part(b"", more=False))
    assert token == ""


@pytest.mark.parametrize("size", [1, 7, 64, 5000])
async def test_the_token_is_found_wherever_the_parts_are_cut(size: int) -> None:
    form = f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{TOKEN}\r\n--b--\r\n'.encode()
    body = b"x" * 3000 + form
    cut = [body[at : at + size] for at in range(0, len(body), size)]
    token, heard = await noted(*(part(one, more=True) for one in cut), part(b"", more=False))
    assert token == TOKEN
    assert b"".join(one["body"] for one in heard) == body


@pytest.mark.parametrize("kind", [door.FORM, door.FORM_WITH_FILES])
async def test_half_a_form_is_no_form(kind: str) -> None:
    _, heard = await noted(part(b"csrf_token=ab&sum=15", more=True), {"type": "http.disconnect"}, kind=kind)
    assert [one["type"] for one in heard] == ["http.disconnect"]
