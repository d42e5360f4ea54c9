"""Taking files in: bytes first, outside of any transaction; the row in the transaction of whoever needs it."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import PurePosixPath
from typing import IO

import msgspec
from litestar.datastructures import UploadFile

from prikus.access.context import Context
from prikus.errors import Invalid, Misconfigured, NotFound
from prikus.files.jobs import ForgetBytes, forget_bytes
from prikus.files.kinds import HEAD, FileKind, kind_by_content, kind_of, titles
from prikus.files.models import StoredFile
from prikus.files.services.parsing import Unreadable, ask_child
from prikus.files.services.quota import refuse_when_full, take_turn
from prikus.files.store import PART, store_of
from prikus.ui.filters import file_size

LONGEST_NAME = 200
NAMELESS = "Файл"


class Kept(msgspec.Struct, frozen=True):
    """Bytes that lie in the store and are nobody's yet: without a row they go after a day."""

    key: uuid.UUID
    name: str
    media_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None


async def keep_upload(
    outside: Context, upload: UploadFile | None, accepts: Sequence[FileKind], field: str = "file"
) -> Kept:
    """Keep what a person chose in the form's `field`. `outside` is the context of a handler without a transaction.

    Raises `Invalid` with a sentence beside the field: another kind of file, an extension that says another kind, too
    many bytes or pixels, a damaged file, a full disk (SET-01).
    """
    if upload is None or not upload.filename:
        raise Invalid({field: "Выберите файл."})
    return await _keep(outside, upload.file, upload.filename, accepts, field)


async def keep_bytes(outside: Context, data: bytes, name: str, accepts: Sequence[FileKind]) -> Kept:
    """The same for bytes that we made or fetched. Raises `Invalid` beside `file`."""
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(file.write, data)
        return await _keep(outside, file, name, accepts, "file")


async def file_row(ctx: Context, kept: Kept) -> int:
    """The file's row, in the unit of work of what points at it; answers its id.

    Rows of one clinic take turns until the commit, so that two files never pass the quota together. Raises
    `Invalid` beside `file` when the disk is full.
    """
    await take_turn(ctx)
    await refuse_when_full(ctx, kept.size, "file")
    row = StoredFile(**msgspec.structs.asdict(kept))
    ctx.db.add(row)
    await ctx.db.flush()
    return row.id


async def drop_file(ctx: Context, file_id: int) -> None:
    """The row goes with this transaction, its bytes after the commit. Take away first what points at it.

    Raises `NotFound`.
    """
    row = await ctx.load(StoredFile, file_id, lock=True)
    await ctx.db.delete(row)
    await ctx.db.flush()
    await ctx.enqueue(forget_bytes, ForgetBytes([row.key]))


def need_outside(ctx: Context) -> None:
    """Raise `Misconfigured` inside a transaction: none is open while bytes travel (reliability 22)."""
    if not ctx.is_outside:
        raise Misconfigured("Файлы передаются без открытой транзакции: возьмите outside: Context.")


async def _keep(outside: Context, file: IO[bytes], said_name: str, accepts: Sequence[FileKind], field: str) -> Kept:
    need_outside(outside)
    kind, name = await asyncio.to_thread(_recognised, file, said_name, accepts, field)
    size = await asyncio.to_thread(file.seek, 0, 2)
    if size > kind.largest:
        raise Invalid({field: f"Файл больше {file_size(kind.largest)}: в нём {file_size(size)}."})
    async with outside.unit() as ctx:
        await refuse_when_full(ctx, size, field)
    try:
        said = await ask_child(outside.clinic.id, "examine", kind, file)
    except Unreadable as problem:
        raise Invalid({field: problem.sentence}) from problem
    return await keep_file(outside, file, name, kind, said.width, said.height)


async def keep_file(
    outside: Context, file: IO[bytes], name: str, kind: FileKind, width: int | None, height: int | None
) -> Kept:
    """Put a temporary file that was examined into the store."""
    key, digest, size = uuid.uuid4(), hashlib.sha256(), 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal size
        await asyncio.to_thread(file.seek, 0)
        while part := await asyncio.to_thread(file.read, PART):
            digest.update(part)
            size += len(part)
            yield part

    await store_of(outside.runtime.config).put(outside.clinic.id, key, parts())
    return Kept(key, name, kind.media_type, size, digest.hexdigest(), width, height)


def _recognised(file: IO[bytes], said_name: str, accepts: Sequence[FileKind], field: str) -> tuple[FileKind, str]:
    """The kind by content, whose extension must agree, and the name as it is kept."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise Invalid({field: "Файл пустой."})
    name = clean_name(said_name)
    kind = kind_by_content(head)
    if kind is None or kind not in accepts:
        raise Invalid({field: f"Такой файл не подходит. Можно загрузить: {titles(accepts)}."})
    extension = PurePosixPath(name).suffix.lower()
    # A part of a name such as «1.2.840» is no extension.
    if extension not in kind.extensions and not (extension[1:].isdecimal() and "" in kind.extensions):
        raise Invalid({field: f"Расширение «{extension}» не подходит к содержимому: это {kind.title}."})
    return kind, name


def clean_name(said: str) -> str:
    """The last part of the path, in one line, short enough; it is only ever shown."""
    bare = "".join(sign for sign in said.replace("\\", "/").rpartition("/")[2] if sign.isprintable()).strip()
    stem, dot, extension = bare.rpartition(".")
    if len(bare) > LONGEST_NAME and dot:
        bare = f"{stem[: LONGEST_NAME - len(extension) - 1]}.{extension}"
    return bare[:LONGEST_NAME] or NAMELESS


def known_kind(media_type: str) -> FileKind:
    """The kind of a file that was kept. Raises `NotFound` for one of a newer release."""
    kind = kind_of(media_type)
    if kind is None:
        raise NotFound("Такой файл здесь не открыть.")
    return kind
