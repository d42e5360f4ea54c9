"""indexes of the desk"""

from __future__ import annotations

from alembic import op

revision = "billing_0005"
down_revision = "billing_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ledger_transaction_business_date_idx", "ledger_transaction", ["clinic_id", "business_date"], schema="billing"
    )
    op.create_index("cash_shift_branch_id_id_idx", "cash_shift", ["clinic_id", "branch_id", "id"], schema="billing")
    op.drop_index("cash_shift_opened_at_id_idx", table_name="cash_shift", schema="billing")


def downgrade() -> None:
    op.create_index("cash_shift_opened_at_id_idx", "cash_shift", ["clinic_id", "opened_at", "id"], schema="billing")
    op.drop_index("cash_shift_branch_id_id_idx", table_name="cash_shift", schema="billing")
    op.drop_index("ledger_transaction_business_date_idx", table_name="ledger_transaction", schema="billing")
