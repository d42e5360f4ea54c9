"""stuck receipts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "fiscal_0003"
down_revision = "fiscal_0002"
branch_labels = None
depends_on = None

STUCK = sa.text("state in ('draft', 'needs_contact', 'failed') or (state = 'unknown' and next_at is null)")


def upgrade() -> None:
    op.create_index(
        "fiscal_receipt_register_id_idx",
        "fiscal_receipt",
        ["clinic_id", "register_id"],
        schema="fiscal",
        postgresql_where=STUCK,
    )


def downgrade() -> None:
    op.drop_index("fiscal_receipt_register_id_idx", table_name="fiscal_receipt", schema="fiscal")
