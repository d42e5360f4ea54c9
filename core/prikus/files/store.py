"""Where bytes lie: a folder or S3, by `PRIKUS_FILES`. Names are ours alone: `<clinic>/<uuid>`."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from prikus.config import Config
from prikus.errors import NotFound, Problem

PART = 2**20
PIECE = 8 * 2**20
"""What one request brings: the timeout holds for it alone, and neither the size of a file nor a slow reader counts."""
GONE = "Файла больше нет."
TIMEOUTS: Any = {"connect_timeout": "5s", "timeout": "300s"}
RETRIES: Any = {"max_retries": 3, "retry_timeout": dt.timedelta(seconds=20)}
log = structlog.get_logger("prikus.files")


class StoreAway(Problem):
    """The folder or the service of S3 does not take or give."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Хранилище файлов сейчас не отвечает. Повторите через минуту: введённое не потеряно.")


class Lying(msgspec.Struct, frozen=True):
    """Bytes that lie in the store, and since when."""

    key: uuid.UUID
    size: int
    at: dt.datetime


class Store:
    """Bytes by clinic and key. Nothing is ever half there: what was cut off while it was written never lies there."""

    def __init__(self, url: str) -> None:
        self._folder = None if "://" in url else Path(url)
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._store: Any = LocalStore(self._folder) if self._folder else _service(url)

    async def put(self, clinic_id: int, key: uuid.UUID, parts: AsyncIterator[bytes]) -> None:
        """Keep what comes; when this returns it survives a loss of power."""
        with _reached():
            await obstore.put_async(self._store, _path(clinic_id, key), parts)
        if self._folder is not None:
            await asyncio.to_thread(_settle, self._folder / _path(clinic_id, key))

    async def get(self, clinic_id: int, key: uuid.UUID) -> AsyncIterator[bytes]:
        """The bytes in parts. Raises `NotFound` before the first when they are not there."""
        path = _path(clinic_id, key)
        with _reached(), _there():
            found = await obstore.get_async(self._store, path, options={"range": (0, PIECE)})
            first = memoryview(await found.bytes_async())
        return self._parts(path, first, found.meta["size"])

    async def _parts(self, path: str, piece: memoryview, size: int) -> AsyncIterator[bytes]:
        came = 0
        while piece:
            for at in range(0, len(piece), PART):
                yield bytes(piece[at : at + PART])
            came += len(piece)
            if came >= size:
                return
            with _reached(), _there():
                piece = memoryview(await obstore.get_range_async(self._store, path, start=came, length=PIECE))

    async def delete(self, clinic_id: int, key: uuid.UUID) -> None:
        """Gone afterwards, also when it was not there."""
        with suppress(FileNotFoundError), _reached():
            await obstore.delete_async(self._store, _path(clinic_id, key))

    async def lying(self, clinic_id: int) -> AsyncIterator[list[Lying]]:
        """Everything of the clinic, in batches. What is not named by a key of ours is left out."""
        with _reached():
            async for batch in obstore.list(self._store, prefix=str(int(clinic_id))):
                found = [(_key(one["path"]), one) for one in batch]
                yield [Lying(key, one["size"], one["last_modified"]) for key, one in found if key is not None]

    async def drop_halves(self, clinic_id: int, until: dt.datetime) -> None:
        """Delete what a process was writing when it was killed before `until`: its name, `<uuid>#1`, is never listed.

        S3 keeps such parts out of sight, too, until a rule of the bucket (`AbortIncompleteMultipartUpload`) ends them.
        """
        if self._folder is not None:
            await asyncio.to_thread(_drop_halves, self._folder / str(int(clinic_id)), until.timestamp())


def _drop_halves(folder: Path, until: float) -> None:
    for half in folder.glob("*#*"):
        if _key(half.name.partition("#")[0]) is not None and half.stat().st_mtime < until:
            half.unlink(missing_ok=True)


def _service(url: str) -> Any:
    """S3, with the keys of the environment. Options of ours take the place of all of its own, also of this one."""
    plain = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")
    options: Any = {**TIMEOUTS, "allow_http": plain}
    return S3Store.from_url(url, client_options=options, retry_config=RETRIES)


@contextmanager
def _reached() -> Iterator[None]:
    """Faults of the store, and not of who gives the bytes, are a sentence."""
    try:
        yield
    except BaseError as error:
        log.error("the store of files failed", error=str(error).partition("\n")[0])
        raise StoreAway from error


@contextmanager
def _there() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFound(GONE) from None


def _path(clinic_id: int, key: uuid.UUID) -> str:
    return f"{int(clinic_id)}/{uuid.UUID(str(key))}"


def _key(path: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(path.rpartition("/")[2])
    except ValueError:
        return None


def _settle(path: Path) -> None:
    """Onto the disk, with the names that lead there."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@cache
def _opened(url: str) -> Store:
    return Store(url)


def store_of(config: Config) -> Store:
    """The store of this installation, opened once for a process."""
    return _opened(config.files or str(config.data / "files"))
