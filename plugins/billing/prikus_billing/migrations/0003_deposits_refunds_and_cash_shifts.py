"""deposits refunds and cash shifts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import append_only_sql, tenant_columns

revision = "billing_0003"
down_revision = "billing_0002"
branch_labels = None
depends_on = None

APPEND_ONLY = {"reversal": ("patient_id", "reason"), "refunded_line": (), "cash_movement": ()}
PAID = "case when paid = total then 'paid' when paid = 0 then 'issued' else 'partly_paid' end"
RULES = {
    ("invoice", "status_known"): (
        "status in ('issued', 'partly_paid', 'paid', 'cancelled')",
        "status in ('issued', 'partly_paid', 'paid', 'partly_refunded', 'refunded', 'cancelled')",
    ),
    ("invoice", "status_of_paid"): (
        f"status = 'cancelled' or status = {PAID}",
        "status = 'cancelled' or status = case when refunded > 0 and refunded = total then 'refunded' "
        "when refunded > 0 then 'partly_refunded' when paid = total then 'paid' when paid = 0 then 'issued' "
        "else 'partly_paid' end",
    ),
    ("ledger_transaction", "kind_known"): (
        "kind in ('invoice', 'payment')",
        "kind in ('invoice', 'payment', 'top_up', 'withdrawal', 'refund', 'cancellation')",
    ),
}


def _rule(table: str, name: str, condition: str | None) -> None:
    constraint = f"{table}_{name}_check"
    op.execute(f"alter table billing.{table} drop constraint if exists {constraint}")
    if condition:
        op.execute(f"alter table billing.{table} add constraint {constraint} check ({condition})")


def upgrade() -> None:
    op.create_table(
        "cash_shift",
        *tenant_columns(),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("legal_entity_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("opening", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("keeper_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("expected", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("counted", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(closed_at is null) = (counted is null) and (closed_at is null) = (expected is null)",
            name=op.f("cash_shift_closed_whole_check"),
        ),
        sa.CheckConstraint(
            "counted = expected or reason is not null", name=op.f("cash_shift_difference_explained_check")
        ),
        sa.CheckConstraint("opening >= 0 and counted >= 0", name=op.f("cash_shift_counts_not_negative_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "branch_id"],
            ["core.branch.clinic_id", "core.branch.id"],
            name=op.f("cash_shift_clinic_id_branch_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "closed_by_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("cash_shift_clinic_id_closed_by_id_fkey"),
            ondelete="SET NULL (closed_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "keeper_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("cash_shift_clinic_id_keeper_id_fkey"),
            ondelete="SET NULL (keeper_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "legal_entity_id"],
            ["core.legal_entity.clinic_id", "core.legal_entity.id"],
            name=op.f("cash_shift_clinic_id_legal_entity_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("cash_shift_pkey")),
        sa.UniqueConstraint(
            "clinic_id", "legal_entity_id", "number", name=op.f("cash_shift_clinic_id_legal_entity_id_number_key")
        ),
        schema="billing",
    )
    op.create_index(
        "cash_shift_branch_id_legal_entity_id_key",
        "cash_shift",
        ["clinic_id", "branch_id", "legal_entity_id"],
        unique=True,
        schema="billing",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        "cash_shift_opened_at_id_idx", "cash_shift", ["clinic_id", "opened_at", "id"], unique=False, schema="billing"
    )
    op.create_table(
        "cash_movement",
        *tenant_columns(),
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("counted", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("to_staff_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "case kind when 'put_in' then amount > 0 when 'take_out' then amount < 0 else counted is not null end",
            name=op.f("cash_movement_amount_of_kind_check"),
        ),
        sa.CheckConstraint("kind in ('put_in', 'take_out', 'handover')", name=op.f("cash_movement_kind_known_check")),
        sa.CheckConstraint("amount = 0 or reason is not null", name=op.f("cash_movement_reason_given_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "shift_id"],
            ["billing.cash_shift.clinic_id", "billing.cash_shift.id"],
            name=op.f("cash_movement_clinic_id_shift_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "to_staff_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("cash_movement_clinic_id_to_staff_id_fkey"),
            ondelete="SET NULL (to_staff_id)",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("cash_movement_pkey")),
        sa.UniqueConstraint("clinic_id", "key", name=op.f("cash_movement_clinic_id_key_key")),
        schema="billing",
    )
    op.create_index(
        "cash_movement_shift_id_id_idx",
        "cash_movement",
        ["clinic_id", "shift_id", "id"],
        unique=False,
        schema="billing",
    )
    op.create_table(
        "reversal",
        *tenant_columns(),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="personal"),
        sa.CheckConstraint("kind in ('refund', 'cancellation')", name=op.f("reversal_kind_known_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "invoice_id"],
            ["billing.invoice.clinic_id", "billing.invoice.id"],
            name=op.f("reversal_clinic_id_invoice_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("reversal_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reverses_id"],
            ["billing.ledger_transaction.clinic_id", "billing.ledger_transaction.id"],
            name=op.f("reversal_clinic_id_reverses_id_fkey"),
            ondelete="SET NULL (reverses_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "transaction_id"],
            ["billing.ledger_transaction.clinic_id", "billing.ledger_transaction.id"],
            name=op.f("reversal_clinic_id_transaction_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("reversal_pkey")),
        sa.UniqueConstraint("clinic_id", "transaction_id", name=op.f("reversal_clinic_id_transaction_id_key")),
        schema="billing",
    )
    op.create_index("reversal_invoice_id_idx", "reversal", ["clinic_id", "invoice_id"], unique=False, schema="billing")
    op.create_table(
        "refunded_line",
        *tenant_columns(),
        sa.Column("reversal_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("quantity > 0 and amount >= 0", name=op.f("refunded_line_something_returned_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "line_id"],
            ["billing.invoice_line.clinic_id", "billing.invoice_line.id"],
            name=op.f("refunded_line_clinic_id_line_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reversal_id"],
            ["billing.reversal.clinic_id", "billing.reversal.id"],
            name=op.f("refunded_line_clinic_id_reversal_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("refunded_line_pkey")),
        sa.UniqueConstraint(
            "clinic_id", "reversal_id", "line_id", name=op.f("refunded_line_clinic_id_reversal_id_line_id_key")
        ),
        schema="billing",
    )
    op.create_index(
        "refunded_line_line_id_idx", "refunded_line", ["clinic_id", "line_id"], unique=False, schema="billing"
    )
    op.add_column(
        "invoice",
        sa.Column("refunded", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False),
        schema="billing",
    )
    op.add_column("ledger_transaction", sa.Column("shift_id", sa.BigInteger(), nullable=True), schema="billing")
    op.create_index(
        "ledger_transaction_shift_id_idx",
        "ledger_transaction",
        ["clinic_id", "shift_id"],
        unique=False,
        schema="billing",
    )
    op.create_foreign_key(
        op.f("ledger_transaction_clinic_id_shift_id_fkey"),
        "ledger_transaction",
        "cash_shift",
        ["clinic_id", "shift_id"],
        ["clinic_id", "id"],
        source_schema="billing",
        referent_schema="billing",
        ondelete="SET NULL (shift_id)",
    )
    for (table, name), (_, now) in RULES.items():
        _rule(table, name, now)
    _rule("invoice", "refunded_within_paid", "refunded between 0 and paid")
    _rule("payment", "amount_positive", None)
    _rule("payment", "amount_moves", "amount <> 0")
    for table, changeable in APPEND_ONLY.items():
        for each in append_only_sql(f"billing.{table}", *changeable):
            op.execute(each)


def downgrade() -> None:
    for (table, name), (before, _) in RULES.items():
        _rule(table, name, before)
    _rule("invoice", "refunded_within_paid", None)
    _rule("payment", "amount_moves", None)
    _rule("payment", "amount_positive", "amount > 0")
    op.drop_constraint(
        op.f("ledger_transaction_clinic_id_shift_id_fkey"), "ledger_transaction", schema="billing", type_="foreignkey"
    )
    op.drop_index("ledger_transaction_shift_id_idx", table_name="ledger_transaction", schema="billing")
    op.drop_column("ledger_transaction", "shift_id", schema="billing")
    op.drop_column("invoice", "refunded", schema="billing")
    op.drop_index("refunded_line_line_id_idx", table_name="refunded_line", schema="billing")
    op.drop_table("refunded_line", schema="billing")
    op.drop_index("reversal_invoice_id_idx", table_name="reversal", schema="billing")
    op.drop_table("reversal", schema="billing")
    op.drop_index("cash_movement_shift_id_id_idx", table_name="cash_movement", schema="billing")
    op.drop_table("cash_movement", schema="billing")
    op.drop_index("cash_shift_opened_at_id_idx", table_name="cash_shift", schema="billing")
    op.drop_index(
        "cash_shift_branch_id_legal_entity_id_key",
        table_name="cash_shift",
        schema="billing",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.drop_table("cash_shift", schema="billing")
