"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from prikus.toolkit import tenant_columns

revision = "crm_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_source",
        *tenant_columns(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("request_source_pkey")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("request_source_clinic_id_code_key")),
        schema="crm",
    )
    op.create_table(
        "crm_request",
        *tenant_columns(),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="new", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=True, comment="personal"),
        sa.Column("phone", sa.Text(), nullable=True, comment="personal"),
        sa.Column("email", sa.Text(), nullable=True, comment="personal"),
        sa.Column("words", sa.Text(), nullable=True, comment="personal"),
        sa.Column("comment", sa.Text(), nullable=True, comment="personal"),
        sa.Column("refusal", sa.Text(), nullable=True, comment="personal"),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("page", sa.Text(), nullable=True, comment="personal"),
        sa.Column("utm", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="personal"),
        sa.Column("patient_id", sa.BigInteger(), nullable=True),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by_kind", sa.Text(), nullable=True),
        sa.Column("deleted_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status in ('new', 'work', 'thinking', 'booked', 'refused')", name=op.f("crm_request_status_known_check")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("crm_request_clinic_id_patient_id_fkey"),
            ondelete="SET NULL (patient_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "responsible_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("crm_request_clinic_id_responsible_id_fkey"),
            ondelete="SET NULL (responsible_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "source_id"],
            ["crm.request_source.clinic_id", "crm.request_source.id"],
            name=op.f("crm_request_clinic_id_source_id_fkey"),
            ondelete="SET NULL (source_id)",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("crm_request_pkey")),
        sa.UniqueConstraint(
            "clinic_id", "source_id", "external_id", name=op.f("crm_request_clinic_id_source_id_external_id_key")
        ),
        schema="crm",
    )
    op.create_index(
        "crm_request_patient_id_idx", "crm_request", ["clinic_id", "patient_id"], unique=False, schema="crm"
    )
    op.create_index("crm_request_phone_idx", "crm_request", ["clinic_id", "phone"], unique=False, schema="crm")
    op.create_index(
        "crm_request_received_at_id_idx", "crm_request", ["clinic_id", "received_at", "id"], unique=False, schema="crm"
    )
    op.create_index(
        "crm_request_updated_at_id_idx", "crm_request", ["clinic_id", "updated_at", "id"], unique=False, schema="crm"
    )


def downgrade() -> None:
    op.drop_index("crm_request_updated_at_id_idx", table_name="crm_request", schema="crm")
    op.drop_index("crm_request_received_at_id_idx", table_name="crm_request", schema="crm")
    op.drop_index("crm_request_phone_idx", table_name="crm_request", schema="crm")
    op.drop_index("crm_request_patient_id_idx", table_name="crm_request", schema="crm")
    op.drop_table("crm_request", schema="crm")
    op.drop_table("request_source", schema="crm")
