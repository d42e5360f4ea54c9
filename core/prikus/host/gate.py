"""The gate: the outermost middleware of every host-made router. It sends its own answer (contract 3)."""

from __future__ import annotations

from typing import Protocol

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Visit(Protocol):
    """Who stands at the door, found by `access` before routing."""

    @property
    def may_change(self) -> bool: ...
    def is_effective(self, owners: tuple[str, ...]) -> bool: ...


class Refuse(Protocol):
    """Makes the answer of a closed door; `app` provides it. `visit` is None when nobody is signed in.

    Everything may be effective: then the door is closed to changes only, because the clinic is read-only.
    """

    def __call__(self, scope: Scope, visit: Visit | None, owners: tuple[str, ...]) -> ASGIApp: ...


def visit_of(scope: Scope) -> Visit | None:
    return scope["state"].get("visit")  # type: ignore[no-any-return]


class Gate:
    """Lets a request pass when somebody is signed in to a clinic where all `owners` are effective.

    In a clinic that is read-only it lets through only what asks; the transaction's own READ ONLY is the net below.
    """

    def __init__(self, owners: tuple[str, ...], refuse: Refuse) -> None:
        self.owners = owners
        self.refuse = refuse

    def __deepcopy__(self, memo: object) -> Gate:
        """Litestar copies the routers that it mounts; a gate is the same for all copies."""
        return self

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if self.passes(scope):
                await app(scope, receive, send)
            elif scope["type"] == ScopeType.WEBSOCKET:
                await send({"type": "websocket.close", "code": 4404, "reason": ""})
            else:
                await self.refuse(scope, visit_of(scope), self.owners)(scope, receive, send)

        return guarded

    def passes(self, scope: Scope) -> bool:
        visit = visit_of(scope)
        if visit is None or not visit.is_effective(self.owners):
            return False
        return scope.get("method") in SAFE or visit.may_change
