"""A plugin that keeps every rule, as a real wheel, and a nursery of processes in which it is started."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec
from hatchling.builders.wheel import WheelBuilder

NOWHERE = {"DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}
"""Nothing answers there: whoever is refused was refused before the database was asked."""
NURSERY = Path(__file__).with_name("nursery.py")

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{distribution}"
version = "1.0.0"

[project.entry-points."prikus.plugins"]
{entry} = "{package}:plugin"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""

GOOD: Mapping[str, str] = {
    "permissions.py": """\
from prikus.toolkit import Permission

permissions = (Permission("ID.cup.view", "Чашки: просмотр", ("administrator",)),)
""",
    "events.py": """\
from prikus.toolkit import Event


class CupPoured(Event, frozen=True, kw_only=True):
    name = "ID.poured"
    cup_id: int
""",
    "models.py": """\
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import TenantModel, index, ref, unique


class Cup(TenantModel):
    __table_args__ = (unique("name"), index("patient_id"))
    name: Mapped[str] = mapped_column(Text)
    patient_id: Mapped[int] = ref("core.patient")
""",
    "services.py": """\
from prikus.toolkit import Context


async def pour(ctx: Context) -> None:
    ctx.require("ID.cup.view")
""",
    "listeners.py": """\
from prikus.toolkit import Context, listens
from prikus_ID.events import CupPoured


@listens(CupPoured)
async def count(ctx: Context, event: CupPoured) -> None: ...
""",
    "jobs.py": """\
from prikus.toolkit import Context, scheduled


@scheduled("0 3 * * *")
async def wash(ctx: Context) -> None: ...
""",
    "hooks.py": """\
from prikus.toolkit import MenuItem, hookimpl


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Чашки", "cup", "/ID/", 900, right="ID.cup.view")]
""",
    "pages.py": """\
from litestar import get

from prikus.toolkit import Context
from prikus_ID.services import pour


@get("/")
async def cups(ctx: Context) -> str:
    await pour(ctx)
    return "чашки"


routes = [cups]
""",
    "migrations/0001_cups.py": """\
from alembic import op

revision = "ID_0001"
down_revision = None


def upgrade() -> None:
    op.execute("select 1")


def downgrade() -> None: ...
""",
}
MANIFEST = (
    'from prikus.toolkit import Plugin\n\nplugin = Plugin(id="ID", title="Чашки", summary="Чашки", version="1"MORE)\n'
)


class Draft(msgspec.Struct, frozen=True):
    """A plugin to be built: the good one, or a bare manifest, with some files written anew."""

    id: str
    files: Mapping[str, str] = {}
    more: str = ""
    bare: bool = False
    entry: str | None = None
    package: str | None = None
    distribution: str | None = None

    @property
    def folder(self) -> str:
        return self.package or f"prikus_{self.id}"

    def texts(self) -> dict[str, str]:
        """Every file of the package by its path."""
        manifest = {"__init__.py": MANIFEST.replace("MORE", self.more)}
        texts = {**manifest, **({} if self.bare else GOOD), **self.files}
        return {name: text.replace("ID", self.id) for name, text in texts.items()}

    def line(self, file: str) -> int | None:
        """The line that the author marked with `# here`."""
        lines = self.texts()[file].splitlines()
        return next((number for number, line in enumerate(lines, 1) if "here" in line), None)

    def build(self, folder: Path) -> Path:
        """The wheel."""
        name = self.distribution or f"prikus-{self.id}"
        root = folder / name
        for file, text in self.texts().items():
            path = root / self.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        project = PYPROJECT.format(distribution=name, entry=self.entry or self.id, package=self.folder)
        (root / "pyproject.toml").write_text(project, "utf-8")
        (wheel,) = WheelBuilder(str(root)).build(directory=str(folder / "dist"), versions=["standard"])
        return Path(wheel)


def install(wheel: Path, site: Path) -> None:
    """As an installer does with pure Python: everything into one folder."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


class Ended(msgspec.Struct, frozen=True):
    """A process that has ended: what it answered."""

    code: int
    out: str
    err: str


class Nursery:
    """Makes processes that run `python -m prikus …` with the libraries imported before they are born."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, str(NURSERY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, *words: str, site: Path, data: Path) -> Ended:
        assert self._process.stdin
        assert self._process.stdout
        environ = {**NOWHERE, "PRIKUS_DATA": str(data), "PRIKUS_PORT": "8977"}
        order = msgspec.json.encode({"words": words, "site": str(site), "environ": environ, "folder": str(data)})
        self._process.stdin.write(order + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Ended)
