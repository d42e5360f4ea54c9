"""what merging and erasing may change"""

from __future__ import annotations

from alembic import op

from prikus.toolkit import append_only_sql

revision = "billing_0002"
down_revision = "billing_0001"
branch_labels = None
depends_on = None

COMMENTS = {"invoice.note": "personal", "invoice_line.appointment_id": "soft_ref calendar.appointment"}


def _protect(*changeable: str) -> None:
    for table in ("billing.ledger_entry", "billing.payment"):
        op.execute(f"drop trigger append_only_row on {table}")
        op.execute(append_only_sql(table, *changeable)[0])


def upgrade() -> None:
    for column, comment in COMMENTS.items():
        op.execute(f"comment on column billing.{column} is '{comment}'")
    _protect("patient_id")


def downgrade() -> None:
    _protect()
    for column in COMMENTS:
        op.execute(f"comment on column billing.{column} is null")
