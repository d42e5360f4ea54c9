"""calls that statistics name"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "telephony_0003"
down_revision = "telephony_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "phone_call",
        sa.Column("is_named", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="telephony",
    )


def downgrade() -> None:
    op.drop_column("phone_call", "is_named", schema="telephony")
