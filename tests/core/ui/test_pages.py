"""Pages, blocks, refusals and their headers, over HTTP."""

import json
import re
from pathlib import Path

import pytest
from litestar.testing import TestClient

import prikus
from prikus.errors import Misconfigured
from prikus.ui.assets import BUNDLE, Assets
from prikus.ui.environment import Renderer
from prikus.ui.render import announce, done, redirect, toast
from tests.core.ui.workbench.app import HERE, Bench, make_app

HTMX = {"hx-request": "true"}
ROOT = Path(prikus.__file__).parents[2]


@pytest.fixture(scope="module")
def client():
    with TestClient(make_app(), raise_server_exceptions=True) as client:
        yield client


def test_a_page_comes_whole_or_as_its_block(client) -> None:
    whole, part = client.get("/list").text, client.get("/list", headers=HTMX).text
    assert "<!doctype html>" in whole
    assert part.strip().startswith('<p id="version">')
    assert part.strip() in whole or len(part) < len(whole)


@pytest.mark.parametrize("header", ["hx-boosted", "hx-history-restore-request"])
def test_history_gets_the_whole_page(client, header) -> None:
    assert "<!doctype html>" in client.get("/list", headers=HTMX | {header: "true"}).text


def test_every_page_carries_the_security_headers(client) -> None:
    first, second = client.get("/list"), client.get("/list")
    policy = first.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert first.text.count(f'nonce="{nonce[1]}"') == first.text.count("<script") == 3
    assert nonce[1] not in second.text
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "worker-src 'self'",
    ):
        assert part in policy
    assert "unsafe-eval" not in policy
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["vary"] == "HX-Request"
    assert first.headers["x-content-type-options"] == "nosniff"


def test_what_renders_no_page_allows_no_script(client) -> None:
    assert "script-src 'none'" in client.get("/heard").headers["content-security-policy"]


def test_https_is_remembered() -> None:
    with TestClient(make_app(), base_url="https://clinic.example") as client:
        assert client.get("/list").headers["strict-transport-security"] == "max-age=31536000"


def test_hostile_values_stay_text(client) -> None:
    hostile = '"><script>alert(1)</script>'
    for path in ("/list", "/patients/search", "/gallery"):
        for headers in ({}, HTMX):
            text = client.get(path, params={"q": hostile, "from": hostile, "sort": hostile}, headers=headers).text
            assert "<script>alert" not in text


def test_a_refusal_is_json_for_htmx_and_a_page_for_people(client) -> None:
    form = {"last_name": "Пусто", "csrf_token": "token"}
    answer = client.post("/save", data=form, headers=HTMX)
    assert answer.status_code == 422
    assert answer.json()["fields"]["last_name"] == "Укажите фамилию."
    page = client.post("/save", data=form)
    assert page.status_code == 422
    assert "Проверьте отмеченные поля." in page.text


def test_an_ended_session_leads_to_the_sign_in(client) -> None:
    form = {"last_name": "Выход"}
    htmx = client.post("/save", data=form, headers=HTMX | {"hx-current-url": "https://x.example/list?q=a b&c"})
    assert (htmx.status_code, htmx.headers["hx-redirect"]) == (401, "/sign-in?next=/list%3Fq%3Da%20b%26c")
    page = client.post("/save", data=form)
    assert page.status_code == 401
    assert 'href="/sign-in"' in page.text


def test_a_module_that_is_off_is_explained(client) -> None:
    page = client.get("/off")
    assert page.status_code == 404
    for words in ("Модуль «Календарь» выключен", "Выключен 24.11.2026: Иванова Е. Д.", "Руководитель"):
        assert words in page.text


@pytest.mark.parametrize(
    "url", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_redirect_never_leads_outside(url) -> None:
    with pytest.raises(ValueError, match="outside"):
        redirect(Bench(None), url)  # type: ignore[arg-type]


def test_a_saved_form_announces_everything_at_once() -> None:
    answer = announce(toast(done("Сохранено.", "names-changed"), "И ещё.", kind="wait"), "moved", {"id": 5})
    assert answer.status_code == 204
    events = json.loads(answer.headers["HX-Trigger"])
    assert set(events) == {"panel-close", "dialog-close", "names-changed", "toast", "moved"}
    assert events["moved"] == {"id": 5}
    assert answer.headers["HX-Trigger"].isascii()


def test_each_plugin_has_its_own_words(client) -> None:
    renderer = client.app.state.renderer
    template = '{{ ngettext("%(num)s имя", "%(num)s имени", n) }}'
    for owner, many in (("workbench", "5 имён"), ("ui", "5 имени")):
        loaded = renderer.environment.from_string(template)
        loaded.name = f"{owner}/x.html"
        assert loaded.render(n=5) == many


def test_a_plugin_cannot_take_a_name_of_the_core() -> None:
    with pytest.raises(Misconfigured, match="ui"):
        Renderer(Assets({"ui": BUNDLE}), {"ui": HERE})


def test_an_unknown_icon_and_an_unknown_macro_say_what_to_do(client) -> None:
    renderer = client.app.state.renderer
    with pytest.raises(LookupError, match=r"icons\.txt"):
        renderer.icon("no-such-icon")
    with pytest.raises(AttributeError, match="page_header"):
        _ = renderer._with_parts({})["ui"].page_heder


def test_every_class_of_ours_has_a_style() -> None:
    style = Assets({"ui": BUNDLE}).text("ui/app.css")
    known = set(re.findall(r"\.(ui-[\w-]*\w)", style))
    used: dict[str, str] = {}
    for path in [*ROOT.glob("core/prikus/*/templates/**/*.html"), *ROOT.glob("plugins/*/*/templates/**/*.html")]:
        for classes in re.findall(r'class="([^"]*)"', re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", path.read_text())):
            used |= {name: path.name for name in classes.split() if re.fullmatch(r"ui-[\w-]*\w", name)}
    assert {name: where for name, where in used.items() if name not in known} == {}
