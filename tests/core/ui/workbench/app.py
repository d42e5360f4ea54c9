"""A small application on the shared parts alone: no database, no sign-in; what a page does is all that happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.response import ServerSentEvent
from litestar.types import SSEData

from prikus.errors import Conflict, Invalid, Problem, SignInNeeded, StillRunning
from prikus.ui.assets import BUNDLE, Assets
from prikus.ui.descriptors import MenuItem, ShellPart
from prikus.ui.environment import Renderer
from prikus.ui.headers import security_headers
from prikus.ui.problems import Explanation, problem_response, refusal
from prikus.ui.render import bare, done, page, redirect, toast

HERE = Path(__file__).parent
MENU = (
    MenuItem("Главная", "home", "/", 5),
    MenuItem("Карточка пациента", "users", "/gallery", 10),
    MenuItem("Корзина", "trash", "/trash", 90, section="system"),
    MenuItem("Записать", "calendar-plus", "/panel", 1, section="create", key="KeyN"),
)


class Busy(Problem):
    status = 503


@dataclass(frozen=True)
class Named:
    id: int
    name: str


@dataclass(frozen=True)
class Clinic(Named):
    slug: str = "lesnaya"
    currency: str = "RUB"
    time_zone: str = "Europe/Moscow"


@dataclass(frozen=True)
class Actor(Named):
    kind: str = "staff"
    title: str = "Администратор"


@dataclass(frozen=True)
class Bench:
    """What pages need of a context."""

    request: Request[Any, Any, Any]
    csrf_token: str = "token"
    clinic: Clinic = Clinic(1, "Стоматология на Лесной")
    actor: Actor = Actor(7, "Кузнецова Ольга Викторовна")
    menu: tuple[MenuItem, ...] = MENU
    shell_parts: tuple[ShellPart, ...] = ()
    branches: tuple[Named, ...] = (Named(1, "Лесная, 5"), Named(2, "Садовая, 8"))
    branch_id: int | None = 1
    notice: str | None = None
    missing: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    begun_ms: int = 0

    @property
    def frame_key(self) -> int:
        return self.clinic.id

    def can(self, code: str) -> bool:
        return True


@dataclass
class Heard:
    """What reached the server, for the tests to ask."""

    saved: list[dict[str, str]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    streams: set[asyncio.Queue[None]] = field(default_factory=set)


heard = Heard()


@get("/gallery")
async def gallery(request: Request) -> Response[str]:
    return page(Bench(request), "ui/gallery.html", block="table")


@get(["/", "/panel"])
async def panel(request: Request) -> Response[str]:
    return page(Bench(request), "workbench/panel.html", block="panel")


@dataclass(frozen=True)
class Kind:
    title: str
    extensions: tuple[str, ...]
    largest: int


@get("/file")
async def file(request: Request) -> Response[str]:
    kinds = (Kind("JPEG", (".jpg", ".jpeg"), 100_000), Kind("PNG", (".png",), 200_000))
    return page(Bench(request), "workbench/file.html", block="panel", accepts=kinds)


@post("/file")
async def take_file(request: Request) -> Response[Any]:
    form = await request.form()
    picture: Any = form["picture"]
    words = {"name": picture.filename, "size": str(len(await picture.read())), "tooth": form["tooth"]}
    heard.saved.append({**words, "csrf_token": form["csrf_token"], "header": request.headers.get("x-csrf-token", "")})
    if form["tooth"] == "49":
        raise Invalid({"picture": "Это не снимок."})
    return done("Снимок загружен.")


@get("/list")
async def names(request: Request, q: str = "") -> Response[str]:
    heard.asked["list"] += 1
    return page(Bench(request), "workbench/list.html", block="list", q=q, version=len(heard.saved))


@get("/dialog")
async def dialog(request: Request) -> Response[str]:
    return page(Bench(request), "workbench/dialog.html", block="question")


@get("/patients/search")
async def search(request: Request, q: str) -> Response[str]:
    return page(Bench(request), "workbench/options.html", block="options", q=q)


@post("/save")
async def save(request: Request) -> Response[Any]:
    """The last name says how the server behaves."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    heard.saved.append(form | {"header": request.headers.get("x-csrf-token", "")})
    await asyncio.sleep(0.05)
    match form["last_name"]:
        case "Пусто":
            raise Invalid({"last_name": "Укажите фамилию.", "unknown": "Такого поля на странице нет."})
        case "Занято":
            raise Conflict("Запись уже изменена.")
        case "Перегрузка" if sum(one["last_name"] == "Перегрузка" for one in heard.saved) == 1:
            raise Busy("Занято")
        case "Ждёт" if sum(one["last_name"] == "Ждёт" for one in heard.saved) == 1:
            raise StillRunning
        case "Выход":
            raise SignInNeeded("Сеанс завершён.")
        case "Далеко":
            return toast(redirect(Bench(request), "/list"), "Сохранено, открыт список.")
    for queue in heard.streams:
        queue.put_nowait(None)
    return done("Пациент сохранён.", "names-changed")


@get("/heard")
async def what_was_heard() -> dict[str, Any]:
    return {"saved": heard.saved, "asked": heard.asked, "streams": len(heard.streams)}


@post("/forget")
async def forget() -> None:
    heard.saved.clear()
    heard.asked.clear()


@get("/live")
async def live() -> ServerSentEvent:
    queue: asyncio.Queue[None] = asyncio.Queue()

    async def words() -> AsyncGenerator[SSEData, None]:
        heard.streams.add(queue)
        try:
            yield {"event": "ready", "data": "{}"}
            while True:
                await queue.get()
                yield {"event": "change", "data": '{"channel": "workbench.names", "id": "5", "version": 1}'}
        finally:
            heard.streams.discard(queue)

    return ServerSentEvent(words())


@get("/sign-in")
async def sign_in(request: Request, next: str = "/") -> Response[str]:
    return bare(request, "workbench/sign_in.html", next=next)


@get("/off")
async def off(request: Request) -> Response[Any]:
    said = ("Модуль «Календарь» выключен", "Выключен 24.11.2026: Иванова Е. Д.", "Включить его может Руководитель К.")
    explanation = Explanation("switched_off", *said, "/settings/modules")
    return refusal(request, 404, "Этого раздела сейчас нет.", explanation=explanation)


def on_problem(request: Request, problem: Problem) -> Response[Any]:
    return problem_response(request, problem)


def make_app() -> Litestar:
    assets = Assets({"ui": BUNDLE, "workbench": HERE / "static"})
    return Litestar(
        [
            *(gallery, panel, file, take_file, names, dialog, search, save, what_was_heard, forget, live, sign_in, off),
            assets.handler(),
        ],
        exception_handlers={Problem: on_problem},
        before_send=[security_headers],
        state=State({"renderer": Renderer(assets, {"workbench": HERE})}),
    )


app = make_app()
