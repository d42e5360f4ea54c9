"""order of events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work", sa.Column("aggregate", sa.Text(), nullable=True), schema="core")
    op.add_column("work", sa.Column("aggregate_seq", sa.Integer(), nullable=True), schema="core")
    op.create_index(
        "work_order_idx",
        "work",
        ["clinic_id", "kind", "aggregate", "aggregate_seq", "id"],
        unique=False,
        schema="core",
        postgresql_where=sa.text("aggregate is not null"),
    )


def downgrade() -> None:
    op.drop_index("work_order_idx", "work", schema="core")
    op.drop_column("work", "aggregate_seq", schema="core")
    op.drop_column("work", "aggregate", schema="core")
