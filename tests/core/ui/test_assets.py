"""Static files: names, types, caching, compression, the import map."""

import gzip
import json

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from prikus.errors import Misconfigured, NotFound
from prikus.ui.assets import BUNDLE, Assets
from tests.core.ui.workbench.app import HERE


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets({"ui": BUNDLE, "workbench": HERE / "static"})


@pytest.fixture(scope="module")
def client(assets):
    app = Litestar([assets.handler()], exception_handlers={NotFound: lambda request, error: error_page(error)})
    with TestClient(app) as client:
        yield client


def error_page(error: NotFound):
    from litestar import Response

    return Response(error.sentence, status_code=error.status)


def test_a_file_is_served_for_ever_and_compressed(assets, client) -> None:
    url = assets.url("ui/app.css")
    plain = client.get(url, headers={"accept-encoding": "identity"})
    zipped = client.get(url, headers={"accept-encoding": "gzip"})
    assert plain.headers["content-type"] == "text/css; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain.content
    assert int(zipped.headers["content-length"]) < len(plain.content) / 5


def test_fonts_are_found_from_the_style(assets, client) -> None:
    style = client.get(assets.url("ui/app.css")).text
    for name in ("inter-latin", "inter-cyrillic", "inter-signs", "inter-hyphen"):
        url = assets.url(f"ui/{name}.woff2")
        assert url.rsplit("/", 1)[1] in style
        assert client.get(url).headers["content-type"] == "font/woff2"


def test_a_plugins_module_is_hashed_and_found_by_its_plain_address(assets, client) -> None:
    imports = json.loads(assets.import_map())["imports"]
    url = imports["/static/workbench/parts/words.js"]
    assert url == imports["@prikus/workbench/parts/words.js"] == assets.url("workbench/parts/words.js")
    assert url.startswith("/static/workbench/parts/words-")
    assert client.get(url).headers["content-type"] == "text/javascript; charset=utf-8"
    assert imports["@prikus/ui"] == assets.url("ui/app.js")
    assert imports["@prikus/grid"] == assets.url("ui/grid.js")


@pytest.mark.parametrize(
    "path", ["ui/nothing.js", "ui/../environment.py", "ui/%2e%2e/environment.py", "workbench/greeting.js"]
)
def test_nothing_else_is_served(client, path) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_an_unknown_name_says_what_exists(assets) -> None:
    with pytest.raises(LookupError, match=r"workbench/greeting\.js"):
        assets.url("workbench/greting.js")


def test_a_changed_file_has_another_name(tmp_path) -> None:
    (tmp_path / "a.js").write_text("1")
    before = Assets({"ui": BUNDLE, "x": tmp_path}).url("x/a.js")
    (tmp_path / "a.js").write_text("2")
    assert Assets({"ui": BUNDLE, "x": tmp_path}).url("x/a.js") != before


def test_without_the_bundle_nothing_starts(tmp_path) -> None:
    with pytest.raises(Misconfigured, match="make assets"):
        Assets({"ui": tmp_path})


def test_the_bundle_is_what_it_says(assets) -> None:
    icons = set(assets.text("ui/icons.txt").split())
    sprite = assets.text("ui/icons.svg")
    assert icons
    assert all(f'<symbol id="{name}"' in sprite for name in icons)
    zipped = gzip.compress(assets.text("ui/app.js").encode(), 9) + gzip.compress(assets.text("ui/app.css").encode(), 9)
    assert len(zipped) < 150 * 1024
