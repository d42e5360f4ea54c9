"""proof of sessions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0012"
down_revision = "core_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    proved_at = sa.Column("proved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    op.add_column("session", proved_at, schema="core")


def downgrade() -> None:
    op.drop_column("session", "proved_at", schema="core")
