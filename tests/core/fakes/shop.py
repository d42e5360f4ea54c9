"""A small provider that somebody plays."""

from litestar import Litestar, Response, get

from prikus.fakes import ControlPage

HOST = "shop.example"


def build() -> Litestar:
    control = ControlPage("Лавка")
    control.fault("sold_out", "Всё распродано")

    @get("/tea")
    async def tea() -> Response[str]:
        return Response("", status_code=410) if control.takes("sold_out") else Response("улун")

    @control.scenario("visit", "Зашёл покупатель", name="Анна")
    async def visit(name: str) -> str:
        control.sent(f"чек для {name}", 200)
        return f"{name} купила чай"

    return control.around([tea])
