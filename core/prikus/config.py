"""Settings of one process, read once from the environment."""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self, get_args

import msgspec

from prikus.errors import Misconfigured

Role = Literal["owner", "app", "relay", "operator", "maint", "lifecycle"]
"""The roles under which PostgreSQL is used (see `prikus.data`)."""

ROLES: tuple[Role, ...] = get_args(Role)


class WorkPace(msgspec.Struct, frozen=True):
    """Seconds by which workers go: how long a piece of work is theirs without a sign of life, how often they look for
    it unasked, how long the first pause after a failure is (later ones grow with it), how long one piece may take. And
    how many pieces a worker does `together`."""

    lease: float = 60
    sweep: float = 5
    retry: float = 2
    longest: float = 300
    together: int = 8

    @property
    def share(self) -> int:
        """How many of them may be one clinic's: of eight three, so that two clinics that hang leave room."""
        return (self.together + 2) // 3

    @property
    def heartbeat(self) -> float:
        """A live worker may miss three signs."""
        return self.lease / 4


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one process. `database_url` is the administrator's; URLs left empty mean: start it embedded.

    A loop that has not turned for `loop_stall` seconds writes down its stacks; after `loop_limit` the process ends (0:
    never, for stepping through with a debugger).
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str | None = None
    redis_url: str | None = None
    role_urls: dict[Role, str] = {}
    insecure: bool = False
    processes: int = 1
    drain: int = 0
    """Seconds that a web process goes on answering after it was told to stop, unready, until its proxy has noticed."""
    support: str = ""
    """Where clinics reach the operator, in words for people: a phone, an address of mail."""
    work: WorkPace = WorkPace()
    loop_stall: int = 5
    loop_limit: int = 30
    master_key: str = ""
    public_url: str = ""
    files: str = ""
    """Where files lie: a folder or `s3://bucket/prefix`; empty is the folder `files` of the data folder."""
    fakes: dict[str, str] = {}
    fakes_at: str = ""
    """Where `prikus fakes` answers, when whatever installed plugins can play is to be played (`PRIKUS_FAKES_AT`)."""

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the environment; raise `Misconfigured` on a value that cannot be meant or must not be served."""
        config = cls(
            host=environ.get("PRIKUS_HOST") or "127.0.0.1",
            port=_number(environ, "PRIKUS_PORT", 8000, 1, 65535),
            data=Path(environ.get("PRIKUS_DATA") or ".prikus").expanduser().resolve(),
            database_url=environ.get("DATABASE_URL") or None,
            redis_url=environ.get("REDIS_URL") or None,
            role_urls={role: url for role in ROLES if (url := environ.get(f"DATABASE_URL_{role.upper()}"))},
            insecure=_flag(environ, "PRIKUS_INSECURE"),
            processes=_number(environ, "PRIKUS_PROCESSES", min(4, os.cpu_count() or 1), 1, 64),
            drain=_number(environ, "PRIKUS_DRAIN", 0, 0, 60),
            support=environ.get("PRIKUS_SUPPORT", "").strip(),
            work=WorkPace(
                lease=_seconds(environ, "PRIKUS_WORK_LEASE", 60),
                sweep=_seconds(environ, "PRIKUS_WORK_SWEEP", 5),
                retry=_seconds(environ, "PRIKUS_WORK_RETRY", 2),
                longest=_seconds(environ, "PRIKUS_WORK_LONGEST", 300),
                together=_number(environ, "PRIKUS_WORK_TOGETHER", 8, 1, 64),
            ),
            loop_stall=_number(environ, "PRIKUS_LOOP_STALL", 5, 1, 3600),
            loop_limit=_number(environ, "PRIKUS_LOOP_LIMIT", 30, 0, 3600),
            master_key=environ.get("PRIKUS_MASTER_KEY") or "",
            public_url=(environ.get("PRIKUS_PUBLIC_URL") or "").rstrip("/"),
            files=_store(environ.get("PRIKUS_FILES") or ""),
            fakes=_fakes(environ.get("PRIKUS_FAKES") or ""),
            fakes_at=(environ.get("PRIKUS_FAKES_AT") or "").rstrip("/"),
        )
        if not (config.insecure or _is_loopback(config.host)):
            raise Misconfigured(
                f"Prikus отвечает по http без шифрования: на адресе {config.host} он работает только за прокси с TLS "
                "и с PRIKUS_INSECURE=1."
            )
        return config

    @property
    def outer_url(self) -> str:
        """Where providers find us: `PRIKUS_PUBLIC_URL`, on one machine the same as `url`."""
        return self.public_url or self.url

    @property
    def url(self) -> str:
        """Where a browser on this machine finds us."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"

    def secret(self) -> bytes:
        """The key of this installation (32 bytes), made once and readable only by its owner."""
        return bytes.fromhex(self._kept("secret"))

    def master_keys(self) -> list[bytes]:
        """Keys that wrap the clinics' data keys: the first seals, all open (`PRIKUS_MASTER_KEY`, separated by commas).

        Without the variable one is made in the data folder. It must not lie in a backup of the database.
        """
        texts = [part.strip() for part in self.master_key.split(",")] if self.master_key else []
        try:
            keys = [bytes.fromhex(text) for text in texts or [self._kept("master.key")]]
        except ValueError:
            keys = [b""]
        if any(len(key) != 32 for key in keys):
            raise Misconfigured("PRIKUS_MASTER_KEY – 64 шестнадцатеричных знака, несколько ключей через запятую.")
        return keys

    def _kept(self, name: str) -> str:
        """The 32 bytes, in hexadecimal, that the data folder keeps under the name; made when first asked for."""
        path = self.data / name
        if not path.exists():
            self.make_data_folder()
            write_private(path, secrets.token_hex(32), replace=False)
        return path.read_text().strip()

    def make_data_folder(self) -> None:
        """Others may pass through it (PostgreSQL may run under another account) but not look around."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o711)


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file of mode 0600 in one step; with `replace=False` a file that came first stays."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    if replace:
        draft.replace(path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise Misconfigured(f"{name} – число от {low} до {high}, а не «{text}».")
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.001 <= seconds <= 3600:
        raise Misconfigured(f"{name} – секунды от 0.001 до 3600, а не «{text}».")
    return seconds


def _fakes(text: str) -> dict[str, str]:
    """`PRIKUS_FAKES`: which hosts are played by fake providers, `host=http://127.0.0.1:port`, separated by spaces."""
    found: dict[str, str] = {}
    for part in text.split():
        host, _, url = part.partition("=")
        if not host or not url.startswith("http://"):
            raise Misconfigured(f"PRIKUS_FAKES: «{part}» должно быть вида host=http://127.0.0.1:9000.")
        found[host] = url.rstrip("/")
    return found


def _store(text: str) -> str:
    """`PRIKUS_FILES`: a folder, made absolute, or an address of S3 as it is."""
    if not text or text.startswith("s3://"):
        return text.rstrip("/")
    if "://" in text:
        raise Misconfigured(f"PRIKUS_FILES – папка или адрес вида s3://bucket/prefix, а не «{text}».")
    return str(Path(text).expanduser().resolve())


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "0"
    if text not in ("0", "1"):
        raise Misconfigured(f"{name} – 0 или 1, а не «{text}».")
    return text == "1"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
