"""Giving files out: always as an attachment of its own world, and never through a transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

import msgspec
from litestar.response import Stream

from prikus.access.context import Context
from prikus.errors import NotFound
from prikus.files.models import StoredFile
from prikus.files.services.keeping import need_outside
from prikus.files.store import GONE, store_of
from prikus.ui.headers import SANDBOX

AWHILE = "private, max-age=86400, immutable"


class OpenFile(msgspec.Struct, frozen=True):
    """A file that is being read. `chunks()` gives its bytes once."""

    name: str
    media_type: str
    size: int
    chunks: Callable[[], AsyncIterator[bytes]]


async def open_file(outside: Context, file_id: int, *, noted: bool = True) -> OpenFile:
    """Open a file to be read. The caller has checked the right to it in a unit of work of its own.

    Who opened what is audited; `noted=False` is for previews that stand on a page. Raises `NotFound` when the row or
    its bytes are not there.
    """
    need_outside(outside)
    async with outside.unit() as ctx:
        row = await ctx.load(StoredFile, file_id)
        if noted:
            await ctx.audit("file.opened", "stored_file", row.id, f"Открыт файл № {row.id}")
    if not row.size:
        raise NotFound(GONE)
    parts = await store_of(outside.runtime.config).get(outside.clinic.id, row.key)
    return OpenFile(row.name, row.media_type, row.size, lambda: parts)


def file_answer(opened: OpenFile, download: bool = False, *, kept: bool = False) -> Stream:
    """The file as an answer: an attachment (an `<img>` shows it all the same), which runs nothing and is not stored.

    `download` takes the media type away, too. `kept=True` lets this person's browser keep it for a day: only under an
    address that never means another file.
    """
    return Stream(
        opened.chunks(),
        media_type="application/octet-stream" if download else opened.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(opened.name, safe='')}",
            "Content-Length": str(opened.size),
            "Content-Security-Policy": SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": AWHILE if kept else "private, no-store",
        },
    )
