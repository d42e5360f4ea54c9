"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import tenant_columns

revision = "album_0001"
down_revision = None
branch_labels = None
depends_on = None


def _table(name: str, *columns: sa.Column, **references: tuple[str, str]) -> None:
    keys = [
        sa.ForeignKeyConstraint(
            ["clinic_id", column],
            [f"{target}.clinic_id", f"{target}.id"],
            name=op.f(f"{name}_clinic_id_{column}_fkey"),
            ondelete=on_delete,
        )
        for column, (target, on_delete) in references.items()
    ]
    key = sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f(f"{name}_pkey"))
    op.create_table(name, *tenant_columns(), *columns, *keys, key, schema="album")
    for column in references:
        op.create_index(f"{name}_{column}_idx", name, ["clinic_id", column], unique=False, schema="album")


def _number(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    patient, file = ("core.patient", "RESTRICT"), ("core.stored_file", "RESTRICT")
    words = sa.Column("words", sa.Text(), nullable=True, comment="personal")
    _table(
        "photo",
        _number("patient_id"),
        _number("file_id"),
        _number("preview_id", True),
        patient_id=("core.patient", "CASCADE"),
        file_id=file,
        preview_id=("core.stored_file", "SET NULL (preview_id)"),
    )
    _table(
        "letter",
        _number("patient_id"),
        _number("file_id", True),
        words,
        patient_id=patient,
        file_id=("core.stored_file", "SET NULL (file_id)"),
    )
    _table(
        "paper",
        _number("patient_id"),
        _number("file_id"),
        sa.Column("words", sa.Text(), nullable=True, comment="personal"),
        patient_id=patient,
        file_id=file,
    )
    _table("receipt", _number("patient_id"), _number("file_id"), patient_id=patient, file_id=file)


def downgrade() -> None:
    for name in ("receipt", "paper", "letter", "photo"):
        op.drop_table(name, schema="album")
