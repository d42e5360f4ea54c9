"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import append_only_sql, tenant_columns

revision = "samovar_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket",
        *tenant_columns(),
        sa.Column("patient_id", sa.BigInteger(), nullable=True, comment="soft_ref core.patient"),
        sa.Column("visit_id", sa.BigInteger(), nullable=True, comment="soft_ref samovar.visit"),
        sa.Column("name", sa.Text(), nullable=True, comment="personal"),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("ticket_pkey")),
        schema="samovar",
    )
    op.create_table(
        "coin",
        *tenant_columns(),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("coin_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("coin_pkey")),
        schema="samovar",
    )
    op.create_index("coin_patient_id_idx", "coin", ["clinic_id", "patient_id"], unique=False, schema="samovar")
    op.create_table(
        "guest",
        *tenant_columns(),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("habits", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("guest_clinic_id_patient_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("guest_pkey")),
        sa.UniqueConstraint("clinic_id", "patient_id", name=op.f("guest_clinic_id_patient_id_key")),
        schema="samovar",
    )
    op.create_table(
        "visit",
        *tenant_columns(),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=True, comment="personal"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("visit_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("visit_pkey")),
        sa.UniqueConstraint("clinic_id", "patient_id", "day", name=op.f("visit_clinic_id_patient_id_day_key")),
        schema="samovar",
    )
    op.create_table(
        "talk",
        *tenant_columns(),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False, comment="personal"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["samovar.visit.clinic_id", "samovar.visit.id"],
            name=op.f("talk_clinic_id_visit_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("talk_pkey")),
        schema="samovar",
    )
    op.create_index("talk_visit_id_idx", "talk", ["clinic_id", "visit_id"], unique=False, schema="samovar")
    for each in append_only_sql("samovar.coin", "patient_id"):
        op.execute(each)


def downgrade() -> None:
    op.drop_index("talk_visit_id_idx", table_name="talk", schema="samovar")
    op.drop_table("talk", schema="samovar")
    op.drop_table("visit", schema="samovar")
    op.drop_table("guest", schema="samovar")
    op.drop_index("coin_patient_id_idx", table_name="coin", schema="samovar")
    op.drop_table("coin", schema="samovar")
    op.drop_table("ticket", schema="samovar")
