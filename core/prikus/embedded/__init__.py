"""PostgreSQL and Valkey for one machine, with nothing to set up."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from prikus.config import Config
from prikus.embedded.postgres import Postgres
from prikus.embedded.server import Server
from prikus.embedded.valkey import Valkey

__all__ = ["Postgres", "Server", "Services", "Valkey", "services"]


@dataclass(frozen=True)
class Services:
    """Unpacks into the two URLs."""

    database_url: str
    redis_url: str
    servers: tuple[Server, ...]
    """Those that this process owns."""

    def __iter__(self) -> Iterator[str]:
        return iter((self.database_url, self.redis_url))


@contextmanager
def services(config: Config, *, durable: bool = True, share: bool = True) -> Iterator[Services]:
    """The servers to use: those given by URL, else embedded ones, which stop at the end and die with this process.

    When another process already runs the embedded ones of this data folder, they are joined, or with `share=False`
    `Misconfigured` is raised. `durable=False` gives up crash safety for speed, for tests. Main thread only.
    """
    config.make_data_folder()
    postgres = Postgres(config.data / "postgresql", durable=durable)
    valkey = Valkey(config.data / "valkey", durable=durable)
    with ExitStack() as stack:
        database_url = config.database_url or stack.enter_context(postgres.running(share=share))
        redis_url = config.redis_url or stack.enter_context(valkey.running(share=share))
        owned = tuple(server for server in (postgres, valkey) if server.is_alive)
        yield Services(database_url, redis_url, owned)
