"""The next release of a module, made from the installed one: a column, an index and a table more."""

from __future__ import annotations

import shutil
from pathlib import Path

from prikus.data.history import History
from prikus.host.rooms import folder_of

OWNER = "catalog"
PACKAGE = f"prikus_{OWNER}"
NEIGHBOUR = "    search_text: Mapped[str] = mapped_column(Text)\n"
COLUMN = "    note: Mapped[str | None] = mapped_column(Text)\n"
"""What `Service` has more, after its neighbour."""
MIGRATION = """
import sqlalchemy as sa
from alembic import op

from prikus.toolkit import tenant_columns

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("service", sa.Column("note", sa.Text(), nullable=True), schema="catalog")
    op.create_index("service_note_idx", "service", ["clinic_id", "note"], schema="catalog")
    op.create_table(
        "remark",
        *tenant_columns(),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "service_id"], ["catalog.service.clinic_id", "catalog.service.id"], ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id"),
        schema="catalog",
    )


def downgrade() -> None:
    op.drop_table("remark", schema="catalog")
    op.drop_column("service", "note", schema="catalog")
"""


def installed() -> History:
    return History(OWNER, folder_of(PACKAGE) / "migrations")


def of(folder: Path) -> History:
    """The migrations of the release in that folder."""
    return History(OWNER, folder / PACKAGE / "migrations")


def write_release(folder: Path) -> History:
    """Put it into the folder; a process with that in PYTHONPATH has it instead of the installed one."""
    shutil.copytree(folder_of(PACKAGE), folder / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    models = folder / PACKAGE / "models.py"
    source = models.read_text("utf-8")
    assert source.count(NEIGHBOUR) == 1
    models.write_text(source.replace(NEIGHBOUR, NEIGHBOUR + COLUMN), "utf-8")
    history = of(folder)
    known = len(list(history.folder.glob("[0-9]*.py")))
    text = MIGRATION.format(revision=f"{OWNER}_{known + 1:04d}", before=f"{OWNER}_{known:04d}")
    (history.folder / f"{known + 1:04d}_note.py").write_text(text, "utf-8")
    return history
