"""day of sending and day of asking"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "fiscal_0002"
down_revision = "fiscal_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("begun_at", "accepted_at"):
        op.add_column("fiscal_receipt", sa.Column(name, sa.DateTime(timezone=True), nullable=True), schema="fiscal")


def downgrade() -> None:
    for name in ("accepted_at", "begun_at"):
        op.drop_column("fiscal_receipt", name, schema="fiscal")
