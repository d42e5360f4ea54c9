"""doubtful receipts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "fiscal_0004"
down_revision = "fiscal_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    doubtful = sa.Column("is_doubtful", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("fiscal_receipt", doubtful, schema="fiscal")


def downgrade() -> None:
    op.drop_column("fiscal_receipt", "is_doubtful", schema="fiscal")
