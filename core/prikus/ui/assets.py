"""Static files of all packages under `/static/<owner>/<name>-<hash>.<ext>`: public, immutable, zipped in memory."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from prikus.errors import Misconfigured, NotFound

PREFIX = "/static/"
BUNDLE = Path(__file__).parent / "static" / "dist"
_COMPRESSIBLE = {".js", ".css", ".svg", ".json", ".txt"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_YEAR = 365 * 24 * 3600


class Asset(msgspec.Struct, frozen=True):
    """One file as it is served."""

    body: bytes
    zipped: bytes | None
    media_type: str


class Assets:
    """Files by their public address, addresses by logical name (`ui/app.js`, `calendar/day.js`)."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """`folders` maps the owner – `ui` or a plugin's id – to its folder of built files.

        A folder with `meta.json` (logical name → hashed name, from the bundler) is served under the names it has;
        in any other folder every file is hashed here. Raises Misconfigured when the core's bundle was not built.
        """
        self._files: dict[str, Asset] = {}
        self._urls: dict[str, str] = {}
        for owner, folder in folders.items():
            if (folder / "meta.json").is_file():
                self._add_bundle(owner, folder)
            elif owner == "ui":
                raise Misconfigured(f"Страницы не собраны: нет {folder / 'meta.json'}. Выполните make assets.")
            else:
                self._add_plain(owner, folder)

    def _add_bundle(self, owner: str, folder: Path) -> None:
        logical: dict[str, str] = msgspec.json.decode((folder / "meta.json").read_bytes())
        for path in sorted(folder.iterdir()):
            if path.name != "meta.json":
                self._files[f"{owner}/{path.name}"] = _read(path)
        for name, built in logical.items():
            self._urls[f"{owner}/{name}"] = f"{PREFIX}{owner}/{built}"

    def _add_plain(self, owner: str, folder: Path) -> None:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file():
                name = path.relative_to(folder)
                digest = hashlib.blake2b(path.read_bytes(), digest_size=5).hexdigest()
                hashed = name.with_name(f"{name.stem}-{digest}{name.suffix}").as_posix()
                self._files[f"{owner}/{hashed}"] = _read(path)
                self._urls[f"{owner}/{name.as_posix()}"] = f"{PREFIX}{owner}/{hashed}"

    def url(self, name: str) -> str:
        """Address of a logical name. Raises LookupError that names what exists."""
        try:
            return self._urls[name]
        except KeyError:
            known = ", ".join(sorted(url for url in self._urls if url.startswith(name.partition("/")[0] + "/")))
            raise LookupError(f"asset {name!r} does not exist; its owner has: {known or 'nothing'}") from None

    def text(self, name: str) -> str:
        """Content of a logical name."""
        return self._files[self.url(name).removeprefix(PREFIX)].body.decode()

    def import_map(self) -> str:
        """JSON for `<script type="importmap">`.

        The core's modules are `@prikus/<name>` (`app.js` is `@prikus/ui`). A plugin's modules may import each other by
        relative path: the map turns the plain address into the hashed one.
        """
        names = {"ui/app.js": "@prikus/ui"}
        imports: dict[str, str] = {}
        for logical, url in self._urls.items():
            if logical.endswith(".js"):
                owner, _, name = logical.partition("/")
                own = f"@prikus/{name.removesuffix('.js')}" if owner == "ui" else f"@prikus/{logical}"
                imports[names.get(logical, own)] = url
                imports[f"{PREFIX}{logical}"] = url
        return msgspec.json.encode({"imports": imports}).decode().replace("<", "\\u003c")

    def handler(self) -> HTTPRouteHandler:
        """The one route that serves them all. It belongs outside the gate: nothing here is secret."""

        @get(f"{PREFIX}{{path:path}}", name="static", include_in_schema=False, sync_to_thread=False)
        def static(request: Request, path: str) -> Response[bytes]:
            asset = self._files.get(path.lstrip("/"))
            if asset is None:
                raise NotFound()
            headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable", "Vary": "Accept-Encoding"}
            if asset.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
                headers["Content-Encoding"] = "gzip"
                return Response(asset.zipped, media_type=asset.media_type, headers=headers)
            return Response(asset.body, media_type=asset.media_type, headers=headers)

        return static


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix not in _COMPRESSIBLE:
        return Asset(body, None, media_type)
    return Asset(body, gzip.compress(body, 9, mtime=0), media_type)
