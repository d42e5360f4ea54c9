"""`PRIKUS_TRACE_HOOKS`: who was called, for how long, with what kind of answer; nothing without it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from structlog.testing import capture_logs

from prikus.errors import Conflict
from prikus.host.declarations import hookimpl, hookspec
from prikus.host.hooks import Hooks
from prikus.host.registering import Implementation


@hookspec("describe", title="чаи")
def teas() -> list[str]:
    """Teas."""
    raise NotImplementedError


@hookspec("ask")
async def may_pour(patient: str) -> str | None:
    """Whether to pour."""
    raise NotImplementedError


@hookspec("lifecycle")
async def closing(patient: str) -> None:
    """Closing."""
    raise NotImplementedError


def answers() -> ModuleType:
    @hookimpl
    def teas() -> list[str]:
        return ["улун", "сенча"]

    @hookimpl
    async def may_pour(patient: str) -> str | None:
        return f"{patient} не пьёт чай"

    @hookimpl
    async def closing(patient: str) -> None:
        raise Conflict(f"{patient} ещё не допил")

    module = ModuleType("prikus_tea.hooks")
    vars(module).update(teas=teas, may_pour=may_pour, closing=closing)
    return module


def implementations() -> dict[str, Implementation]:
    specs = ModuleType("prikus_tea.hookspecs")
    vars(specs).update(teas=teas, may_pour=may_pour, closing=closing)
    hooks = Hooks()
    hooks.declare(specs)
    hooks.register(answers(), ("tea",))
    hooks.seal()
    return {name: found[0] for name, found in hooks._implementations.items()}


async def logged() -> list[dict[str, Any]]:
    found = implementations()
    with capture_logs() as logs:
        assert found["teas"].call() == ["улун", "сенча"]
        assert await found["may_pour"].call(patient="Белова") == "Белова не пьёт чай"
        with pytest.raises(Conflict):
            await found["closing"].call(patient="Белова")
    return [dict(line) for line in logs]


async def test_every_call_is_logged_without_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIKUS_TRACE_HOOKS", "1")
    logs = await logged()
    said = [(line["hook"], line["plugin"], line["answer"]) for line in logs]
    assert said == [
        ("teas", "tea", "2 × str"),
        ("may_pour", "tea", "str"),
        ("closing", "tea", "raised Conflict"),
    ]
    assert all(line["ms"] >= 0 for line in logs)
    assert "Белова" not in str(logs)
    assert "улун" not in str(logs)


async def test_without_the_variable_nothing_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRIKUS_TRACE_HOOKS", raising=False)
    assert await logged() == []


async def test_a_traced_system_keeps_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrapped function still looks like the author's: its parameters and its place."""
    plain = implementations()
    monkeypatch.setenv("PRIKUS_TRACE_HOOKS", "1")
    for name, one in implementations().items():
        assert one.accepts == plain[name].accepts
        assert one.call.__module__ == plain[name].call.__module__
        assert one.call is not plain[name].call
