"""A small provider that somebody plays."""

from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.types import ASGIApp, Receive, Scope, Send

from prikus.fakes import ControlPage

HOST = "shop.example"


def build() -> Litestar:
    guests: dict[str, list[str]] = {}
    control = ControlPage("Лавка", accounts=lambda: dict.fromkeys(reversed(guests), "Гость"), labels={"tea": "Чай"})
    control.fault("sold_out", "Всё распродано")

    @get("/tea")
    async def tea() -> Response[str]:
        return Response("", status_code=410) if control.takes("sold_out") else Response("улун")

    @control.scenario("visit", "Зашёл покупатель", name="Анна")
    async def visit(name: str) -> str:
        control.sent(f"чек для {name}", 200)
        return f"{name} купила чай"

    @get("/enter/{name:str}")
    async def enter(name: str, request: Request[Any, Any, Any]) -> Response[Any]:
        guests[name] = []
        return Response({"by": request.scope["door"]})  # type: ignore[typeddict-item]

    @control.scenario("order", "Заказ", account="", tea="улун")
    async def order(account: str, tea: str) -> None:
        guests[account].append(tea)
        control.did(f"{account}: {', '.join(guests[account])}")

    def door(app: ASGIApp) -> ASGIApp:
        async def opened(scope: Scope, receive: Receive, send: Send) -> None:
            scope["door"] = "front"  # type: ignore[typeddict-unknown-key]
            await app(scope, receive, send)

        return opened

    return control.around([tea, enter], middleware=[door])
