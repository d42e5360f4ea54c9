"""What is made of pictures in the child process: a preview for pages, a copy without identity for third parties."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import PurePosixPath
from typing import IO

from prikus.access.context import Context
from prikus.errors import Invalid
from prikus.files.jobs import ForgetBytes, forget_bytes
from prikus.files.kinds import FileKind
from prikus.files.services.keeping import Kept, keep_file, known_kind, need_outside
from prikus.files.services.opening import OpenFile, open_file
from prikus.files.services.parsing import Unreadable, ask_child
from prikus.files.store import PART, store_of


async def preview_of(outside: Context, kept: Kept, longest: int = 1600, field: str = "file") -> Kept | None:
    """A JPEG of at most `longest` pixels on each side, upright and without EXIF; of DICOM the first frame.

    None for DICOM whose pixels are compressed otherwise than by baseline JPEG. Raises `Invalid` beside `field` for a
    picture that cannot be decoded, whose bytes go unless they have a row; `NotFound` when they are gone.
    """
    need_outside(outside)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as made:
        await _fetch(await store_of(outside.runtime.config).get(outside.clinic.id, kept.key), source)
        try:
            said = await ask_child(
                outside.clinic.id, "preview", known_kind(kept.media_type), source, made, longest=longest
            )
        except Unreadable as problem:
            await forget_bytes(outside, ForgetBytes([kept.key]))
            raise Invalid({field: problem.sentence}) from problem
        if said.width is None:
            return None
        name = f"{PurePosixPath(kept.name).stem[:190]}.jpg"
        return await keep_file(outside, made, name, FileKind.JPEG, said.width, said.height)


async def without_identity(outside: Context, file_id: int) -> OpenFile:
    """A copy for a third party (reliability 35): without EXIF and texts, of DICOM without who the person is.

    What is drawn into the picture itself stays. Raises `Unreadable` when it cannot be made, `NotFound`.
    """
    opened = await open_file(outside, file_id)
    kind = known_kind(opened.media_type)
    made = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever has read it
    try:
        with tempfile.TemporaryFile() as source:
            await _fetch(opened.chunks(), source)
            await ask_child(outside.clinic.id, "bare", kind, source, made)
        size = await asyncio.to_thread(made.seek, 0, 2)
    except BaseException:
        made.close()
        raise
    # The person's name may stand in the name, too.
    return OpenFile(f"image{kind.extensions[0]}", opened.media_type, size, lambda: _read(made))


async def _fetch(parts: AsyncIterator[bytes], into: IO[bytes]) -> None:
    async for part in parts:
        await asyncio.to_thread(into.write, part)


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        await asyncio.to_thread(file.seek, 0)
        while part := await asyncio.to_thread(file.read, PART):
            yield part
