"""followed invoices and words on them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "billing_0004"
down_revision = "billing_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "invoice",
        sa.Column("metadata", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False, comment="personal"),
        schema="billing",
    )
    op.create_index("invoice_changed_xid_id_idx", "invoice", ["clinic_id", "changed_xid", "id"], schema="billing")
    op.create_index("payment_changed_xid_id_idx", "payment", ["clinic_id", "changed_xid", "id"], schema="billing")


def downgrade() -> None:
    op.drop_index("payment_changed_xid_id_idx", table_name="payment", schema="billing")
    op.drop_index("invoice_changed_xid_id_idx", table_name="invoice", schema="billing")
    op.drop_column("invoice", "metadata", schema="billing")
