"""what merging and erasing may change"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from prikus.toolkit import append_only_sql

revision = "calendar_0002"
down_revision = "calendar_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column(
        "appointment", "comment", existing_type=sa.TEXT(), comment="personal", existing_nullable=True, schema="calendar"
    )
    op.alter_column(
        "appointment",
        "cancel_reason",
        existing_type=sa.TEXT(),
        comment="personal",
        existing_nullable=True,
        schema="calendar",
    )
    op.alter_column(
        "appointment_change",
        "before",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        comment="personal",
        existing_nullable=True,
        schema="calendar",
    )
    op.alter_column(
        "appointment_change",
        "after",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        comment="personal",
        existing_nullable=True,
        schema="calendar",
    )
    op.execute("drop trigger append_only on calendar.appointment_change")
    for each in append_only_sql("calendar.appointment_change", "before", "after"):
        op.execute(each)


def downgrade() -> None:
    op.execute("drop trigger append_only_statement on calendar.appointment_change")
    op.execute("drop trigger append_only_row on calendar.appointment_change")
    op.execute(
        "create trigger append_only before update or delete on calendar.appointment_change "
        "for each row execute function core.append_only()"
    )
    op.alter_column(
        "appointment_change",
        "after",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        comment=None,
        existing_comment="personal",
        existing_nullable=True,
        schema="calendar",
    )
    op.alter_column(
        "appointment_change",
        "before",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        comment=None,
        existing_comment="personal",
        existing_nullable=True,
        schema="calendar",
    )
    op.alter_column(
        "appointment",
        "cancel_reason",
        existing_type=sa.TEXT(),
        comment=None,
        existing_comment="personal",
        existing_nullable=True,
        schema="calendar",
    )
    op.alter_column(
        "appointment",
        "comment",
        existing_type=sa.TEXT(),
        comment=None,
        existing_comment="personal",
        existing_nullable=True,
        schema="calendar",
    )
