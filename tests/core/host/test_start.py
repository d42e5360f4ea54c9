"""What is wrong with a plugin stops the start, naming plugin, file and mend (contract 1, 3)."""

import importlib
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from litestar import Litestar, get
from litestar.types import ASGIApp

from prikus.errors import Misconfigured
from prikus.host import rooms
from prikus.host.routing import audit, routers
from prikus.host.system import System

NUMBER = iter(range(1000))
MANIFEST = (
    'from prikus.toolkit import Plugin\nplugin = Plugin(id="{id}", title="Т", summary="Т", version="1.0.0"{more})\n'
)
PAGE = "from litestar import get, asgi, Controller, Router, MediaType\n{before}\n@get('/x'{options})\nasync def page() -> str:\n    return 'x'\n{after}\nroutes = [{routes}]\n"  # noqa: E501


@pytest.fixture
def install(tmp_path: Path, monkeypatch):
    """Installs a plugin from texts of its rooms."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(more: str = "", manifest: str = MANIFEST, name: str | None = None, **texts: str) -> EntryPoint:
        plugin_id = name or f"sample{next(NUMBER)}x"
        folder = tmp_path / f"prikus_{plugin_id}"
        folder.mkdir()
        (folder / "__init__.py").write_text(manifest.format(id=plugin_id, more=more))
        for room, body in texts.items():
            (folder / f"{room}.py").write_text(body.replace("ID", plugin_id))
        importlib.invalidate_caches()
        return EntryPoint(plugin_id, f"prikus_{plugin_id}:plugin", rooms.GROUP)

    yield write
    for module in [name for name in sys.modules if name.startswith("prikus_sample")]:
        del sys.modules[module]


def refuse(*_):
    raise AssertionError("nobody knocks here")


def start(*entries: EntryPoint) -> Litestar:
    made = Litestar(routers(System(rooms.installed(entries)), refuse), openapi_config=None)
    audit(made.routes, ())
    return made


def page(options: str = "", before: str = "", after: str = "", routes: str = "page") -> str:
    return PAGE.format(options=options and f", {options}", before=before, after=after, routes=routes)


def test_a_plain_plugin_starts(install) -> None:
    assert any(route.path.endswith("/x") for route in start(install(pages=page())).routes)


@pytest.mark.parametrize(
    ("name", "more", "sentence"),
    [
        ("patients", "", "занят ядром"),
        ("Sample", "", "строчных латинских"),
        (None, ', api="2"', "версия контракта"),
        (None, ', requires=("nowhere",)', "требует «nowhere», который не установлен"),
        (None, ', requires=("a",), enhances=("a",)', "оставьте одно"),
        (None, ', acts=("core.all.do",)', "неизвестные права"),
    ],
)
def test_a_manifest_that_cannot_be_meant(install, name, more: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=sentence):
        start(install(more, name=name))


def test_an_entry_point_of_another_name(install) -> None:
    entry = install()
    with pytest.raises(Misconfigured, match="должны совпадать"):
        start(EntryPoint("other", entry.value, rooms.GROUP))


def test_plugins_that_require_each_other(install) -> None:
    a = install(', requires=("samplebeta",)', name="samplealpha")
    b = install(', requires=("samplealpha",)', name="samplebeta")
    with pytest.raises(Misconfigured, match="по кругу: samplealpha → samplebeta → samplealpha"):
        start(a, b)


def test_a_missing_module_inside_a_room_is_an_error_and_not_a_missing_room(install) -> None:
    with pytest.raises(Misconfigured, match=r"jobs не загружается.*no_such_thing"):
        start(install(jobs="import no_such_thing\n"))


def test_a_joining_room_that_the_manifest_does_not_name(install) -> None:
    with pytest.raises(Misconfigured, match=r"with_elsewhere.py есть, а «elsewhere» не назван"):
        start(install(with_elsewhere=""))


@pytest.mark.parametrize(
    ("room", "body", "sentence"),
    [
        ("pages", "", "нет списка routes"),
        ("pages", "routes = ['x']", "не является обработчиком"),
        ("permissions", "permissions = ('ID.x.view',)", "должно быть правом"),
        (
            "permissions",
            "from prikus.toolkit import Permission\npermissions = (Permission('core.x.view', 'Чужое'),)",
            "должно быть правом с кодом «",
        ),
        (
            "permissions",
            "from prikus.toolkit import Permission\npermissions = (Permission('ID.x.y', 'А'), Permission('ID.x.y', 'Б'))",  # noqa: E501
            "объявлено дважды",
        ),
        ("hooks", "from prikus.toolkit import hookimpl\n@hookimpl\ndef menu_itemz():\n    return []", "menu_itemz"),
    ],
)
def test_a_room_with_the_wrong_thing(install, room: str, body: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=sentence):
        start(install(**{room: body}))


CONTROLLER = "class C(Controller):\n    path = '/c'\n    {}\n    @get('/x'{})\n    async def page(self) -> str:\n        return 'x'\n"  # noqa: E501


@pytest.mark.parametrize(
    "body",
    [
        page("middleware=[lambda app: app]"),
        page("exception_handlers={404: lambda r, e: None}"),
        page("cache=60"),
        page("before_request=lambda r: None"),
        page("after_request=lambda r: r"),
        page("after_response=lambda r: None"),
        page("opt={'prikus_owners': ('core',)}"),
        page("dependencies={}").replace("dependencies={}", "dependencies={'ctx': lambda: 1}"),
        page("anything=1"),
        page(before="from litestar import Request\nclass R(Request): pass", options="request_class=R"),
        page(after="@asgi('/y')\nasync def raw(scope, receive, send) -> None: ...", routes="page, raw"),
        page(after="r = Router('/r', route_handlers=[page])", routes="r"),
        page(after=CONTROLLER.format("middleware = [lambda app: app]", ""), routes="C"),
        page(after=CONTROLLER.format("dependencies = {'ctx': lambda: 1}", ""), routes="C"),
        page(after=CONTROLLER.format("", ", cache=60"), routes="C"),
        page(after=CONTROLLER.format("", ", middleware=[lambda app: app]"), routes="C"),
        page(after=CONTROLLER.format("", ", opt={'prikus_owners': ('core',)}"), routes="C"),
    ],
)
def test_a_handler_that_could_pass_around_the_gate(install, body: str) -> None:
    with pytest.raises(Misconfigured):
        start(install(pages=body))


def test_an_address_that_nobody_owns() -> None:
    @get("/back-door")
    async def back_door() -> str:
        return "in"

    made: ASGIApp = Litestar([back_door], openapi_config=None)
    with pytest.raises(Misconfigured, match="/back-door не принадлежит"):
        audit(made.routes, ())
    audit(made.routes, ("/back-door",))
