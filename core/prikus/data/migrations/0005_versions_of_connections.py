"""versions of connections"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "core_0005"
down_revision = "core_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "connection", sa.Column("settings_version", sa.Integer(), server_default="1", nullable=False), schema="core"
    )
    op.drop_column("connection", "checked_at", schema="core")


def downgrade() -> None:
    op.add_column(
        "connection",
        sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True),
        schema="core",
    )
    op.drop_column("connection", "settings_version", schema="core")
