"""followed appointments and words on them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from prikus.toolkit import followed_sql

revision = "calendar_0003"
down_revision = "calendar_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "appointment",
        sa.Column(
            "metadata",
            postgresql.JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="personal",
        ),
        schema="calendar",
    )
    op.create_index(
        "appointment_changed_xid_id_idx",
        "appointment",
        ["clinic_id", "changed_xid", "id"],
        unique=False,
        schema="calendar",
    )
    op.create_index("shift_changed_xid_id_idx", "shift", ["clinic_id", "changed_xid", "id"], schema="calendar")
    op.execute(followed_sql("calendar.shift"))


def downgrade() -> None:
    op.execute("drop trigger followed on calendar.shift")
    op.drop_index("shift_changed_xid_id_idx", table_name="shift", schema="calendar")
    op.drop_index("appointment_changed_xid_id_idx", table_name="appointment", schema="calendar")
    op.drop_column("appointment", "metadata", schema="calendar")
