"""The parts of a posted form, read with a bound on what a request keeps in memory."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from litestar import Request
from litestar.constants import ONE_MEGABYTE
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.types import Empty
from litestar.utils.scope.state import ScopeState
from multipart import MultipartSegment, ParserError, ParserLimitReached, PushMultipartParser

from prikus.errors import Invalid

TEXT_ROOM = 1_000_000
"""Bytes that the texts of a form may have together, with the names of their fields."""
READABLE = ("utf-8", "ascii")
TOO_MUCH_TEXT = "Слишком много текста для одной формы."
NO_FILE_HERE = "В этой форме файл не ждут."
ONE_FILE = "Здесь можно выбрать только один файл."
TOO_MANY_FILES = "Здесь можно выбрать не больше {most} файлов."
STRANGE_SIGN = "В тексте есть недопустимый знак."
NOT_UTF_8 = "Текст должен быть в кодировке UTF-8."


class BoundedRequest(Request[Any, Any, Any]):
    """The request of the whole application: who reads a form reads it within bounds, also without `read_form`."""

    async def form(self) -> FormMultiDict:
        """Raises `Invalid` for a form with files, too much text, or text that cannot be read."""
        await read_parts(self, {})
        return await super().form()


async def read_parts(request: Request[Any, Any, Any], files: Mapping[str, int]) -> None:
    """Read `multipart/form-data` to where `request.form()` finds it; any other body, and one read before, stays as
    it is.

    Litestar's own reading gathers texts of any size in memory. `files` says how many files each field takes. Raises
    `Invalid` at the first part that does not fit, before the rest of the body is read.
    """
    state = ScopeState.from_scope(request.scope)
    kind, options = request.content_type
    if kind != RequestEncodingType.MULTI_PART or "boundary" not in options or state.form is not Empty:
        return
    parts = _Parts(files)
    try:
        await _read(request, options["boundary"], parts)
    except BaseException:
        await parts.close()
        raise
    state.form = cast("Any", parts.form())


async def _read(request: Request[Any, Any, Any], boundary: str, parts: _Parts) -> None:
    try:
        with PushMultipartParser(boundary, max_segment_count=request.app.multipart_form_part_limit) as parser:
            async for chunk in request.stream():
                for event in parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        parts.begin(event)
                    elif event:
                        await parts.add(event)
                    else:
                        await parts.end()
    except ParserLimitReached:
        raise Invalid({}, TOO_MUCH_TEXT) from None
    except ParserError as error:
        raise ClientException("Invalid multipart/form-data") from error


class _Parts:
    """What was read so far, and what may still come."""

    def __init__(self, files: Mapping[str, int]) -> None:
        self._files = files
        self._left = dict(files)
        self._room = TEXT_ROOM
        self._found: defaultdict[str, list[str | UploadFile]] = defaultdict(list)
        self._name = ""
        self._charset = "utf-8"
        self._current: UploadFile | bytearray = bytearray()
        # Files are kept in memory up to this size each, whatever their number.
        self._in_memory = ONE_MEGABYTE // max(1, sum(files.values()))

    def begin(self, segment: MultipartSegment) -> None:
        self._name = segment.name or ""
        self._charset = segment.charset or "utf-8"
        if not segment.filename:
            self._current = bytearray()
            self._spend(len(self._name.encode()))
            return
        self._expect_file()
        self._current = UploadFile(
            content_type=segment.content_type or "text/plain",
            filename=segment.filename,
            headers=dict(segment.headerlist),
            max_spool_size=self._in_memory,
        )

    async def add(self, data: bytes) -> None:
        if isinstance(self._current, UploadFile):
            await self._current.write(data)
        else:
            self._spend(len(data))
            self._current += data

    async def end(self) -> None:
        if isinstance(self._current, UploadFile):
            await self._current.seek(0)
            self._found[self._name].append(self._current)
        else:
            self._found[self._name].append(self._text(self._current))
        self._current = bytearray()

    def form(self) -> dict[str, Any]:
        """As Litestar keeps it: a list only where a field came more than once."""
        return {name: values if len(values) > 1 else values[0] for name, values in self._found.items()}

    async def close(self) -> None:
        for value in (self._current, *(one for values in self._found.values() for one in values)):
            if isinstance(value, UploadFile):
                await value.close()

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise Invalid({self._name: TOO_MUCH_TEXT})

    def _expect_file(self) -> None:
        left = self._left.get(self._name)
        if left is None:
            raise Invalid({}, NO_FILE_HERE)
        if left == 0:
            most = self._files[self._name]
            raise Invalid({self._name: ONE_FILE if most == 1 else TOO_MANY_FILES.format(most=most)})
        self._left[self._name] = left - 1

    def _text(self, data: bytearray) -> str:
        """Only what people's browsers send: some codecs of Python take minutes for a megabyte."""
        try:
            if codecs.lookup(self._charset).name not in READABLE:
                raise Invalid({self._name: NOT_UTF_8})
            return data.decode(self._charset)
        except LookupError:
            raise Invalid({self._name: NOT_UTF_8}) from None
        except UnicodeDecodeError:
            raise Invalid({self._name: STRANGE_SIGN}) from None
