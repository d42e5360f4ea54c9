"""gone rows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import tenant_columns

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gone_row",
        *tenant_columns(),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("gone_row_pkey")),
        schema="core",
    )
    op.create_index(
        "gone_row_table_name_changed_xid_row_id_idx",
        "gone_row",
        ["clinic_id", "table_name", "changed_xid", "row_id"],
        unique=False,
        schema="core",
    )


def downgrade() -> None:
    op.drop_index("gone_row_table_name_changed_xid_row_id_idx", table_name="gone_row", schema="core")
    op.drop_table("gone_row", schema="core")
