"""followed requests and words on them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "crm_0002"
down_revision = "crm_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "crm_request",
        sa.Column("metadata", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False, comment="personal"),
        schema="crm",
    )
    op.create_index("crm_request_changed_xid_id_idx", "crm_request", ["clinic_id", "changed_xid", "id"], schema="crm")


def downgrade() -> None:
    op.drop_index("crm_request_changed_xid_id_idx", table_name="crm_request", schema="crm")
    op.drop_column("crm_request", "metadata", schema="crm")
