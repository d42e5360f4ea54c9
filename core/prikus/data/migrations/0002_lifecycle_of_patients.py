"""lifecycle of patients"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from prikus.data.columns import tenant_columns
from prikus.data.triggers import append_only_sql

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patient_erasure",
        *tenant_columns(),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("patient_erasure_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("patient_erasure_pkey")),
        schema="core",
    )
    op.create_index(
        "patient_erasure_patient_id_idx", "patient_erasure", ["clinic_id", "patient_id"], unique=False, schema="core"
    )
    op.create_table(
        "patient_merge",
        *tenant_columns(),
        sa.Column("gone_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_card_number", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("undo", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="personal"),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("patient_merge_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("patient_merge_pkey")),
        schema="core",
    )
    op.create_index(
        "patient_merge_gone_id_key",
        "patient_merge",
        ["clinic_id", "gone_id"],
        unique=True,
        schema="core",
        postgresql_where=sa.text("undone_at is null"),
    )
    op.create_index(
        "patient_merge_patient_id_idx", "patient_merge", ["clinic_id", "patient_id"], unique=False, schema="core"
    )
    op.add_column("patient", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True), schema="core")
    for column in ("text", "payload"):
        op.execute(f"comment on column core.patient_event.{column} is 'personal'")
    for each in append_only_sql("core.patient_merge", "patient_id", "undo", "undone_at"):
        op.execute(each)
    for each in append_only_sql("core.patient_erasure"):
        op.execute(each)


def downgrade() -> None:
    for column in ("text", "payload"):
        op.execute(f"comment on column core.patient_event.{column} is null")
    op.drop_column("patient", "erased_at", schema="core")
    op.drop_index("patient_merge_patient_id_idx", table_name="patient_merge", schema="core")
    op.drop_index(
        "patient_merge_gone_id_key",
        table_name="patient_merge",
        schema="core",
        postgresql_where=sa.text("undone_at is null"),
    )
    op.drop_table("patient_merge", schema="core")
    op.drop_index("patient_erasure_patient_id_idx", table_name="patient_erasure", schema="core")
    op.drop_table("patient_erasure", schema="core")
