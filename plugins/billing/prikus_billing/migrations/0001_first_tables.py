"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import tenant_columns

revision = "billing_0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_transaction", "ledger_entry", "payment")
SUM_OF_ENTRIES = """
    create function billing.must_balance() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      if (select sum(amount) from billing.ledger_entry
          where clinic_id = new.clinic_id and transaction_id = new.transaction_id) <> 0 then
        raise exception 'ledger transaction % does not balance', new.transaction_id
          using errcode = 'integrity_constraint_violation';
      end if;
      return null;
    end $$
"""


def upgrade() -> None:
    op.create_table(
        "payment_method",
        *tenant_columns(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('cash', 'cashless')", name=op.f("payment_method_kind_known_check")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("payment_method_pkey")),
        sa.UniqueConstraint("clinic_id", "kind", name=op.f("payment_method_clinic_id_kind_key")),
        schema="billing",
    )
    op.create_table(
        "invoice",
        *tenant_columns(),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("legal_entity_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.Text(), server_default="", nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("paid", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status = 'cancelled' or status = "
            "case when paid = total then 'paid' when paid = 0 then 'issued' else 'partly_paid' end",
            name=op.f("invoice_status_of_paid_check"),
        ),
        sa.CheckConstraint(
            "status in ('issued', 'partly_paid', 'paid', 'cancelled')", name=op.f("invoice_status_known_check")
        ),
        sa.CheckConstraint("paid between 0 and total", name=op.f("invoice_paid_within_total_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "branch_id"],
            ["core.branch.clinic_id", "core.branch.id"],
            name=op.f("invoice_clinic_id_branch_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "legal_entity_id"],
            ["core.legal_entity.clinic_id", "core.legal_entity.id"],
            name=op.f("invoice_clinic_id_legal_entity_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("invoice_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("invoice_pkey")),
        sa.UniqueConstraint(
            "clinic_id",
            "legal_entity_id",
            "series",
            "number",
            name=op.f("invoice_clinic_id_legal_entity_id_series_number_key"),
        ),
        schema="billing",
    )
    op.create_index(
        "invoice_business_date_idx", "invoice", ["clinic_id", "business_date"], unique=False, schema="billing"
    )
    op.create_index(
        "invoice_patient_id_issued_at_id_idx",
        "invoice",
        ["clinic_id", "patient_id", "issued_at", "id"],
        unique=False,
        schema="billing",
    )
    op.create_table(
        "ledger_transaction",
        *tenant_columns(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("legal_entity_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.CheckConstraint("kind in ('invoice', 'payment')", name=op.f("ledger_transaction_kind_known_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "branch_id"],
            ["core.branch.clinic_id", "core.branch.id"],
            name=op.f("ledger_transaction_clinic_id_branch_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "legal_entity_id"],
            ["core.legal_entity.clinic_id", "core.legal_entity.id"],
            name=op.f("ledger_transaction_clinic_id_legal_entity_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("ledger_transaction_pkey")),
        sa.UniqueConstraint("clinic_id", "key", name=op.f("ledger_transaction_clinic_id_key_key")),
        schema="billing",
    )
    op.create_table(
        "invoice_line",
        *tenant_columns(),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=True),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("teeth", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("doctor_id", sa.BigInteger(), nullable=True),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "price >= 0 and net_amount between 0 and price * quantity", name=op.f("invoice_line_amounts_agree_check")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("invoice_line_quantity_positive_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "doctor_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("invoice_line_clinic_id_doctor_id_fkey"),
            ondelete="SET NULL (doctor_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "invoice_id"],
            ["billing.invoice.clinic_id", "billing.invoice.id"],
            name=op.f("invoice_line_clinic_id_invoice_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "service_id"],
            ["catalog.service.clinic_id", "catalog.service.id"],
            name=op.f("invoice_line_clinic_id_service_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("invoice_line_pkey")),
        sa.UniqueConstraint(
            "clinic_id", "invoice_id", "position", name=op.f("invoice_line_clinic_id_invoice_id_position_key")
        ),
        schema="billing",
    )
    op.create_index(
        "invoice_line_service_id_idx", "invoice_line", ["clinic_id", "service_id"], unique=False, schema="billing"
    )
    op.create_table(
        "payment",
        *tenant_columns(),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("legal_entity_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("method_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("payment_amount_positive_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "branch_id"],
            ["core.branch.clinic_id", "core.branch.id"],
            name=op.f("payment_clinic_id_branch_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "legal_entity_id"],
            ["core.legal_entity.clinic_id", "core.legal_entity.id"],
            name=op.f("payment_clinic_id_legal_entity_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "method_id"],
            ["billing.payment_method.clinic_id", "billing.payment_method.id"],
            name=op.f("payment_clinic_id_method_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("payment_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "transaction_id"],
            ["billing.ledger_transaction.clinic_id", "billing.ledger_transaction.id"],
            name=op.f("payment_clinic_id_transaction_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("payment_pkey")),
        sa.UniqueConstraint(
            "clinic_id", "transaction_id", "method_id", name=op.f("payment_clinic_id_transaction_id_method_id_key")
        ),
        schema="billing",
    )
    op.create_index(
        "payment_business_date_idx", "payment", ["clinic_id", "business_date"], unique=False, schema="billing"
    )
    op.create_index(
        "payment_patient_id_paid_at_id_idx",
        "payment",
        ["clinic_id", "patient_id", "paid_at", "id"],
        unique=False,
        schema="billing",
    )
    op.create_table(
        "ledger_entry",
        *tenant_columns(),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("legal_entity_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "account in ('receivable', 'deposit', 'revenue', 'cash', 'cashless')",
            name=op.f("ledger_entry_account_known_check"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ledger_entry_amount_moves_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "invoice_id"],
            ["billing.invoice.clinic_id", "billing.invoice.id"],
            name=op.f("ledger_entry_clinic_id_invoice_id_fkey"),
            ondelete="SET NULL (invoice_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "legal_entity_id"],
            ["core.legal_entity.clinic_id", "core.legal_entity.id"],
            name=op.f("ledger_entry_clinic_id_legal_entity_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("ledger_entry_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "payment_id"],
            ["billing.payment.clinic_id", "billing.payment.id"],
            name=op.f("ledger_entry_clinic_id_payment_id_fkey"),
            ondelete="SET NULL (payment_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "transaction_id"],
            ["billing.ledger_transaction.clinic_id", "billing.ledger_transaction.id"],
            name=op.f("ledger_entry_clinic_id_transaction_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("ledger_entry_pkey")),
        schema="billing",
    )
    op.create_index(
        "ledger_entry_business_date_account_idx",
        "ledger_entry",
        ["clinic_id", "business_date", "account"],
        unique=False,
        schema="billing",
    )
    op.create_index(
        "ledger_entry_invoice_id_account_idx",
        "ledger_entry",
        ["clinic_id", "invoice_id", "account"],
        unique=False,
        schema="billing",
    )
    op.create_index(
        "ledger_entry_patient_id_account_idx",
        "ledger_entry",
        ["clinic_id", "patient_id", "account"],
        unique=False,
        schema="billing",
        postgresql_include=["amount"],
    )
    op.create_index(
        "ledger_entry_transaction_id_idx",
        "ledger_entry",
        ["clinic_id", "transaction_id"],
        unique=False,
        schema="billing",
    )
    for table in APPEND_ONLY:
        for kind, each in (("update or delete", "row"), ("truncate", "statement")):
            op.execute(
                f"create trigger append_only_{each} before {kind} on billing.{table} "
                f"for each {each} execute function core.append_only()"
            )
    op.execute(SUM_OF_ENTRIES)
    op.execute(
        "create constraint trigger balanced after insert on billing.ledger_entry "
        "deferrable initially deferred for each row execute function billing.must_balance()"
    )


def downgrade() -> None:
    op.drop_index("ledger_entry_transaction_id_idx", table_name="ledger_entry", schema="billing")
    op.drop_index(
        "ledger_entry_patient_id_account_idx",
        table_name="ledger_entry",
        schema="billing",
        postgresql_include=["amount"],
    )
    op.drop_index("ledger_entry_invoice_id_account_idx", table_name="ledger_entry", schema="billing")
    op.drop_index("ledger_entry_business_date_account_idx", table_name="ledger_entry", schema="billing")
    op.drop_table("ledger_entry", schema="billing")
    op.drop_index("payment_patient_id_paid_at_id_idx", table_name="payment", schema="billing")
    op.drop_index("payment_business_date_idx", table_name="payment", schema="billing")
    op.drop_table("payment", schema="billing")
    op.drop_index("invoice_line_service_id_idx", table_name="invoice_line", schema="billing")
    op.drop_table("invoice_line", schema="billing")
    op.drop_table("ledger_transaction", schema="billing")
    op.drop_index("invoice_patient_id_issued_at_id_idx", table_name="invoice", schema="billing")
    op.drop_index("invoice_business_date_idx", table_name="invoice", schema="billing")
    op.drop_table("invoice", schema="billing")
    op.drop_table("payment_method", schema="billing")
    op.execute("drop function billing.must_balance()")
