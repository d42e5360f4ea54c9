"""what merging and erasing may change"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import append_only_sql

revision = "billing_0002"
down_revision = "billing_0001"
branch_labels = None
depends_on = None


def _protect(*changeable: str) -> None:
    for table in ("billing.ledger_entry", "billing.payment"):
        op.execute(f"drop trigger append_only_row on {table}")
        op.execute(append_only_sql(table, *changeable)[0])


def upgrade() -> None:
    op.alter_column(
        "invoice", "note", existing_type=sa.TEXT(), comment="personal", existing_nullable=True, schema="billing"
    )
    op.alter_column(
        "invoice_line",
        "appointment_id",
        existing_type=sa.BIGINT(),
        comment="soft_ref calendar.appointment",
        existing_nullable=True,
        schema="billing",
    )
    _protect("patient_id")


def downgrade() -> None:
    _protect()
    op.alter_column(
        "invoice_line",
        "appointment_id",
        existing_type=sa.BIGINT(),
        comment=None,
        existing_comment="soft_ref calendar.appointment",
        existing_nullable=True,
        schema="billing",
    )
    op.alter_column(
        "invoice",
        "note",
        existing_type=sa.TEXT(),
        comment=None,
        existing_comment="personal",
        existing_nullable=True,
        schema="billing",
    )
