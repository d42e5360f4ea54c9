"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import tenant_columns

revision = "online_booking_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_identity",
        *tenant_columns(),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("is_published", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("minutes", sa.Integer(), server_default="30", nullable=False),
        sa.CheckConstraint(
            "(kind = 'branch' and staff_id is null) or (kind = 'doctor' and branch_id is null)",
            name=op.f("external_identity_one_thing_check"),
        ),
        sa.CheckConstraint("kind in ('branch', 'doctor')", name=op.f("external_identity_kind_known_check")),
        sa.CheckConstraint(
            "minutes between 5 and 480 and minutes % 5 = 0", name=op.f("external_identity_minutes_fit_check")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "branch_id"],
            ["core.branch.clinic_id", "core.branch.id"],
            name=op.f("external_identity_clinic_id_branch_id_fkey"),
            ondelete="SET NULL (branch_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "connection_id"],
            ["core.connection.clinic_id", "core.connection.id"],
            name=op.f("external_identity_clinic_id_connection_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("external_identity_clinic_id_staff_id_fkey"),
            ondelete="SET NULL (staff_id)",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("external_identity_pkey")),
        sa.UniqueConstraint(
            "clinic_id",
            "connection_id",
            "branch_id",
            name=op.f("external_identity_clinic_id_connection_id_branch_id_key"),
        ),
        sa.UniqueConstraint(
            "clinic_id",
            "connection_id",
            "kind",
            "code",
            name=op.f("external_identity_clinic_id_connection_id_kind_code_key"),
        ),
        sa.UniqueConstraint(
            "clinic_id",
            "connection_id",
            "staff_id",
            name=op.f("external_identity_clinic_id_connection_id_staff_id_key"),
        ),
        schema="online_booking",
    )
    op.create_table(
        "external_booking",
        *tenant_columns(),
        sa.Column("connection_id", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default="channel", nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("patient_id", sa.BigInteger(), nullable=True),
        sa.Column("is_new_patient", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=True, comment="personal"),
        sa.Column("phone", sa.Text(), nullable=True, comment="personal"),
        sa.Column("reason", sa.Text(), nullable=True, comment="personal"),
        sa.CheckConstraint("changed_by in ('channel', 'clinic')", name=op.f("external_booking_changed_by_known_check")),
        sa.CheckConstraint(
            "state in ('new', 'moved', 'cancelled', 'refused')", name=op.f("external_booking_state_known_check")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "appointment_id"],
            ["calendar.appointment.clinic_id", "calendar.appointment.id"],
            name=op.f("external_booking_clinic_id_appointment_id_fkey"),
            ondelete="SET NULL (appointment_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "connection_id"],
            ["core.connection.clinic_id", "core.connection.id"],
            name=op.f("external_booking_clinic_id_connection_id_fkey"),
            ondelete="SET NULL (connection_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("external_booking_clinic_id_patient_id_fkey"),
            ondelete="SET NULL (patient_id)",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("external_booking_clinic_id_staff_id_fkey"),
            ondelete="SET NULL (staff_id)",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("external_booking_pkey")),
        sa.UniqueConstraint(
            "clinic_id",
            "connection_id",
            "external_id",
            name=op.f("external_booking_clinic_id_connection_id_external_id_key"),
        ),
        schema="online_booking",
    )
    op.create_index(
        "external_booking_appointment_id_idx",
        "external_booking",
        ["clinic_id", "appointment_id"],
        unique=False,
        schema="online_booking",
    )
    op.create_index(
        "external_booking_changed_xid_id_idx",
        "external_booking",
        ["clinic_id", "changed_xid", "id"],
        unique=False,
        schema="online_booking",
    )
    op.create_index(
        "external_booking_created_at_id_idx",
        "external_booking",
        ["clinic_id", "created_at", "id"],
        unique=False,
        schema="online_booking",
    )
    op.create_index(
        "external_booking_patient_id_idx",
        "external_booking",
        ["clinic_id", "patient_id"],
        unique=False,
        schema="online_booking",
    )
    op.create_index(
        "external_booking_phone_idx", "external_booking", ["clinic_id", "phone"], unique=False, schema="online_booking"
    )


def downgrade() -> None:
    op.drop_index("external_booking_phone_idx", table_name="external_booking", schema="online_booking")
    op.drop_index("external_booking_patient_id_idx", table_name="external_booking", schema="online_booking")
    op.drop_index("external_booking_created_at_id_idx", table_name="external_booking", schema="online_booking")
    op.drop_index("external_booking_changed_xid_id_idx", table_name="external_booking", schema="online_booking")
    op.drop_index("external_booking_appointment_id_idx", table_name="external_booking", schema="online_booking")
    op.drop_table("external_booking", schema="online_booking")
    op.drop_table("external_identity", schema="online_booking")
