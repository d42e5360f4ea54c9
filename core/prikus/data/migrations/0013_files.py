"""files"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import tenant_columns

revision = "core_0013"
down_revision = "core_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        *tenant_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("stored_file_pkey")),
        sa.UniqueConstraint("clinic_id", "key", name=op.f("stored_file_clinic_id_key_key")),
        schema="core",
    )
    op.add_column(
        "subscription_plan",
        sa.Column("disk", sa.BigInteger(), server_default="10000000000", nullable=True),
        schema="core",
    )


def downgrade() -> None:
    op.drop_column("subscription_plan", "disk", schema="core")
    op.drop_table("stored_file", schema="core")
