"""Asking the child process about a file. Whatever happens to it is a sentence, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import IO, Literal
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
import structlog

from prikus.errors import Problem
from prikus.files.kinds import FileKind

log = structlog.get_logger("prikus.files")
COMMAND = (sys.executable, "-I", "-m", "prikus.files.parsing")
PATIENCE = 60.0
"""Seconds by the clock: a child that waits for nothing uses no processor time."""
TOGETHER = 2
TOO_LONG = "Файл слишком сложный: разобрать его за отведённое время не удалось."
BROKEN = "Файл повреждён или обрезан: открыть его не удалось."
What = Literal["examine", "preview", "bare"]


class Turns:
    """Of one process: `TOGETHER` children at a time, of which one clinic has one. Who hangs never takes all."""

    def __init__(self) -> None:
        self._hands = asyncio.Semaphore(TOGETHER)
        self._clinics: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, clinic_id: int) -> AsyncIterator[None]:
        own = self._clinics.setdefault(clinic_id, asyncio.Semaphore(1))
        async with own, self._hands:
            yield


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


class Unreadable(Problem):
    """The file cannot be read; the sentence says why."""

    status = 422


class Said(msgspec.Struct, frozen=True):
    """The child's answer. Without a size nothing could be made, which is no error."""

    width: int | None = None
    height: int | None = None
    refused: str | None = None
    error: str | None = None


async def ask_child(
    clinic_id: int,
    what: What,
    kind: FileKind,
    source: IO[bytes],
    made: IO[bytes] | None = None,
    *,
    longest: int = 0,
    command: Sequence[str] = COMMAND,
    patience: float = PATIENCE,
) -> Said:
    """Have `source` parsed; what is made of it goes into `made`. Both are real files. Raises `Unreadable`."""
    source.flush()
    async with _turns.setdefault(asyncio.get_running_loop(), Turns()).taken(clinic_id):
        child = await asyncio.create_subprocess_exec(
            *command,
            *(what, kind.name, str(longest)),
            stdin=source.fileno(),
            stdout=made.fileno() if made else asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={},
            cwd="/",
            start_new_session=True,
        )
        try:
            _, words = await asyncio.wait_for(child.communicate(), patience)
        except TimeoutError:
            raise Unreadable(TOO_LONG) from None
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
    said = _understood(words, child.returncode)
    if said.refused is not None:
        log.info("file refused", kind=kind.name, what=what, error=said.error, sentence=said.refused)
        raise Unreadable(said.refused)
    return said


def _understood(words: bytes, code: int | None) -> Said:
    """The last line; a child that died says nothing, and how it ended tells why."""
    lines = words.strip().splitlines()
    if code == 0 and lines:
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(lines[-1], type=Said)
    log.warning("a parser died", code=code, words=words[-300:].decode(errors="replace"))
    return Said(refused=TOO_LONG if code in (-24, -9) else BROKEN)
