"""What PostgreSQL and Valkey have in common: a folder, a port, a password, one owner at a time."""

import fcntl
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, ClassVar, Self

import msgspec

from prikus.config import write_private
from prikus.embedded import process
from prikus.errors import Misconfigured

START_PATIENCE = 300.0
"""Seconds; recovery after a crash may be long."""
LEAVE_PATIENCE = 60.0
"""Seconds that an earlier instance may take to go down."""
STOP_PATIENCE = 20.0
POLL = 0.03


class Door(msgspec.Struct, frozen=True):
    """Where a server answers and to whom; remembered, so that a restart keeps the URL."""

    port: int
    password: str

    @classmethod
    def make(cls, password: str | None = None) -> Self:
        return cls(port=_free_port(), password=password or secrets.token_urlsafe(24))

    def is_free(self) -> bool:
        return _is_free(self.port)


class Server(ABC):
    """One server of this machine. The process that starts it owns it; others of the same data folder may join."""

    title: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    busy_signs: ClassVar[tuple[str, ...]] = ()
    """Words in the log which mean that an earlier instance is still going down."""
    taken_signs: ClassVar[tuple[str, ...]]
    """Words in the log which mean that somebody took the port."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def prepare(self) -> None:
        """Make what the first start needs."""

    @abstractmethod
    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]: ...

    @abstractmethod
    def answers(self) -> bool:
        """True when a connection with our password succeeds."""

    @abstractmethod
    def dismiss(self) -> None:
        """Stop an instance that outlived its owner."""

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def door(self) -> Door:
        try:
            return msgspec.json.decode(self._door_file.read_bytes(), type=Door)
        except FileNotFoundError:
            self._remember(Door.make())
            return self.door

    @contextmanager
    def running(self, *, share: bool) -> Iterator[str]:
        """Start the server and stop it at the end, or join the one that another process runs (when `share`)."""
        with self._owned(share) as mine:
            if not mine:
                yield self.url
                return
            try:
                self.start()
                yield self.url
            finally:
                self.stop()

    def start(self) -> None:
        """Return when the server answers; raise `Misconfigured` with the last words of its log when it will not."""
        deadline = time.monotonic() + START_PATIENCE
        leaving = time.monotonic() + LEAVE_PATIENCE
        print(f"{self.title} запускается …", file=sys.stderr, flush=True)
        self.prepare()
        if self.answers():
            self.dismiss()
        while not self._started(deadline):
            last_words = self._last_words()
            if any(sign in last_words for sign in self.taken_signs):
                self._remember(Door.make(self.door.password))
            elif time.monotonic() > leaving or not any(sign in last_words for sign in self.busy_signs):
                raise Misconfigured(
                    f"{self.title} не запускается: {last_words or 'без объяснений'} (журнал: {self.log})."
                )
            time.sleep(POLL)

    def stop(self) -> None:
        if self.process is not None:
            process.stop(self.process, self.stop_signal, STOP_PATIENCE)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _started(self, deadline: float) -> bool:
        if not self.door.is_free():
            self._remember(Door.make(self.door.password))
        # Moved, not emptied: an earlier instance that is still going down goes on writing there.
        with suppress(FileNotFoundError):
            self.log.replace(self.log.with_suffix(".previous.log"))
        with self.log.open("wb") as log:
            self.process = self.launch(log)
        while self.process.poll() is None:
            if self.answers():
                return True
            if time.monotonic() > deadline:
                raise Misconfigured(f"{self.title} не отвечает {START_PATIENCE:.0f} с (журнал: {self.log}).")
            time.sleep(POLL)
        return False

    @contextmanager
    def _owned(self, share: bool) -> Iterator[bool]:
        """Hold the folder's lock while inside; False when another process holds it and its server answers."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        with (self.folder / "owner").open("a+") as lock:
            deadline = time.monotonic() + START_PATIENCE
            while not _locks(lock):
                if not share or time.monotonic() > deadline:
                    raise Misconfigured(
                        f"Папка {self.folder} занята: {self.title} в ней уже запустил Prikus (процесс {_owner(lock)})."
                    )
                if self.answers():
                    yield False
                    return
                time.sleep(POLL)
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield True

    @property
    def _door_file(self) -> Path:
        return self.folder / "door.json"

    def _remember(self, door: Door) -> None:
        write_private(self._door_file, msgspec.json.encode(door).decode())

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " ".join(line.strip() for line in lines[-3:])


def free_port(wish: int = 0) -> int:
    """A port of this machine on which nobody listens: `wish` where possible."""
    if wish and _is_free(wish, "127.0.0.1"):
        return wish
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


def require_free_port(host: str, port: int) -> None:
    """Raise `Misconfigured` when somebody listens there already."""
    if not _is_free(port, host):
        raise Misconfigured(f"Адрес {host}:{port} занят другой программой: освободите его или задайте PRIKUS_PORT.")


def _locks(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(lock: IO[str]) -> str:
    lock.seek(0)
    return lock.read() or "?"


def _free_port() -> int:
    """A port below the range from which systems take ports of outgoing connections, so that it is free tomorrow too."""
    while not _is_free(port := random.randint(20_000, 32_000)):
        pass
    return port


def _is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
