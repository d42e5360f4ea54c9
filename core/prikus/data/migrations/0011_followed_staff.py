"""followed staff"""

from __future__ import annotations

from alembic import op

revision = "core_0011"
down_revision = "core_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "staff_member_changed_xid_id_idx", "staff_member", ["clinic_id", "changed_xid", "id"], schema="core"
    )


def downgrade() -> None:
    op.drop_index("staff_member_changed_xid_id_idx", table_name="staff_member", schema="core")
