"""followed calls"""

from __future__ import annotations

from alembic import op

revision = "telephony_0004"
down_revision = "telephony_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "phone_call_changed_xid_id_idx", "phone_call", ["clinic_id", "changed_xid", "id"], schema="telephony"
    )


def downgrade() -> None:
    op.drop_index("phone_call_changed_xid_id_idx", table_name="phone_call", schema="telephony")
