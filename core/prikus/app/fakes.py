"""`prikus fakes`: all fake providers of this installation in one process, each under its plugin's id."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send
from markupsafe import Markup

from prikus.fakes.control import PLACE, PREFIX
from prikus.fakes.drawing import STYLE
from prikus.host.fakes import fakes_of
from prikus.host.system import System

INDEX = Markup(
    '<!doctype html><html lang="ru"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Поддельные сервисы</title><style>{}</style><h1>Поддельные сервисы</h1>"
    '<p class="note">Отвечают вместо настоящих, пока система работает с --demo. У каждого – кнопки событий и сбоев.</p>'
    "<ul>{}</ul></html>"
)


def build() -> ASGIApp:
    """One ASGI application for all; the first segment of a path chooses the fake."""
    system = System.load(with_texts=False)
    apps: dict[str, Any] = {id: room.build() for id, room in fakes_of(system.plugins.values()).items()}
    titles = {id: system.plugins[id].title for id in apps}

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # type: ignore[comparison-overlap]
            await _live(apps, receive, send)
            return
        id, _, rest = scope["path"].lstrip("/").partition("/")
        if id in apps:
            path = f"/{rest}"
            inner = {**scope, "path": path, "raw_path": path.encode(), PREFIX: f"/{id}"}
            await apps[id](inner, receive, send)
            return
        await _page(send, _index(titles))

    return answer  # type: ignore[return-value]


async def _live(apps: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    async with AsyncExitStack() as stack:
        for app in apps.values():
            if isinstance(app, Litestar):
                await stack.enter_async_context(app.lifespan())
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


def _index(titles: dict[str, str]) -> str:
    link = Markup('<li><a href="/{}{}">{}</a></li>')
    return INDEX.format(Markup(STYLE), Markup("").join(link.format(id, PLACE, title) for id, title in titles.items()))


async def _page(send: Send, text: str) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[typeddict-item]
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})


def main(port: int) -> None:
    """Serve until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "prikus.app.fakes:build",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        log_level=LogLevels.error,
    ).serve()
