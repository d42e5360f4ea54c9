"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from prikus.toolkit import tenant_columns

revision = "calendar_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_status",
        *tenant_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("occupies", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "colour in ('plan', 'conf', 'wait', 'now', 'done', 'miss', 'canc', 'san', 'think')",
            name=op.f("appointment_status_colour_known_check"),
        ),
        sa.CheckConstraint(
            "meaning in ('planned', 'confirmed', 'waiting', 'in_progress', 'finished', 'missed', 'cancelled', "
            "'sanitized', 'thinking')",
            name=op.f("appointment_status_meaning_known_check"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("appointment_status_pkey")),
        sa.UniqueConstraint("clinic_id", "meaning", name=op.f("appointment_status_clinic_id_meaning_key")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("appointment_status_clinic_id_name_key")),
        schema="calendar",
    )
    op.create_table(
        "visit_type",
        *tenant_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("visit_type_pkey")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("visit_type_clinic_id_name_key")),
        schema="calendar",
    )
    op.create_table(
        "appointment",
        *tenant_columns(),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("doctor_id", sa.BigInteger(), nullable=False),
        sa.Column("chair_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("visit_type_id", sa.BigInteger(), nullable=True),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("occupies", sa.Boolean(), nullable=False),
        sa.Column("overlap_ok", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("clinic_id"), "="),
            (sa.column("chair_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("occupies and not overlap_ok"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="appointment_chair_taken",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("clinic_id"), "="),
            (sa.column("doctor_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("occupies and not overlap_ok"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="appointment_doctor_taken",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("clinic_id"), "="),
            (sa.column("patient_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("occupies and not overlap_ok"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="appointment_patient_taken",
        ),
        sa.CheckConstraint("ends_at - starts_at <= interval '16 hours'", name=op.f("appointment_span_bounded_check")),
        sa.CheckConstraint(
            "source in ('phone', 'visit', 'site', 'messenger', 'recommendation', 'other')",
            name=op.f("appointment_source_known_check"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("appointment_span_forward_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "branch_id"],
            ["core.branch.clinic_id", "core.branch.id"],
            name=op.f("appointment_clinic_id_branch_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "chair_id"],
            ["core.chair.clinic_id", "core.chair.id"],
            name=op.f("appointment_clinic_id_chair_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "doctor_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("appointment_clinic_id_doctor_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["core.patient.clinic_id", "core.patient.id"],
            name=op.f("appointment_clinic_id_patient_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "status_id"],
            ["calendar.appointment_status.clinic_id", "calendar.appointment_status.id"],
            name=op.f("appointment_clinic_id_status_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_type_id"],
            ["calendar.visit_type.clinic_id", "calendar.visit_type.id"],
            name=op.f("appointment_clinic_id_visit_type_id_fkey"),
            ondelete="SET NULL (visit_type_id)",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("appointment_pkey")),
        schema="calendar",
    )
    op.create_index(
        "appointment_branch_id_business_date_starts_at_idx",
        "appointment",
        ["clinic_id", "branch_id", "business_date", "starts_at"],
        unique=False,
        schema="calendar",
    )
    op.create_index(
        "appointment_chair_id_starts_at_idx",
        "appointment",
        ["clinic_id", "chair_id", "starts_at"],
        unique=False,
        schema="calendar",
        postgresql_where=sa.text("occupies"),
    )
    op.create_index(
        "appointment_doctor_id_starts_at_idx",
        "appointment",
        ["clinic_id", "doctor_id", "starts_at"],
        unique=False,
        schema="calendar",
        postgresql_where=sa.text("occupies"),
    )
    op.create_index(
        "appointment_patient_id_starts_at_idx",
        "appointment",
        ["clinic_id", "patient_id", "starts_at"],
        unique=False,
        schema="calendar",
    )
    op.create_table(
        "shift",
        *tenant_columns(),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("chair_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("clinic_id"), "="),
            (sa.column("chair_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="shift_chair_taken",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("clinic_id"), "="),
            (sa.column("staff_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="shift_staff_taken",
        ),
        sa.CheckConstraint("ends_at - starts_at <= interval '16 hours'", name=op.f("shift_span_bounded_check")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("shift_span_forward_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "branch_id"],
            ["core.branch.clinic_id", "core.branch.id"],
            name=op.f("shift_clinic_id_branch_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "chair_id"],
            ["core.chair.clinic_id", "core.chair.id"],
            name=op.f("shift_clinic_id_chair_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["core.staff_member.clinic_id", "core.staff_member.id"],
            name=op.f("shift_clinic_id_staff_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("shift_pkey")),
        schema="calendar",
    )
    op.create_index(
        "shift_branch_id_business_date_idx",
        "shift",
        ["clinic_id", "branch_id", "business_date"],
        unique=False,
        schema="calendar",
    )
    op.create_index(
        "shift_chair_id_starts_at_idx", "shift", ["clinic_id", "chair_id", "starts_at"], unique=False, schema="calendar"
    )
    op.create_index(
        "shift_staff_id_starts_at_idx", "shift", ["clinic_id", "staff_id", "starts_at"], unique=False, schema="calendar"
    )
    op.create_table(
        "appointment_change",
        *tenant_columns(),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "what in ('created', 'moved', 'status', 'cancelled')", name=op.f("appointment_change_what_known_check")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "appointment_id"],
            ["calendar.appointment.clinic_id", "calendar.appointment.id"],
            name=op.f("appointment_change_clinic_id_appointment_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("appointment_change_pkey")),
        schema="calendar",
    )
    op.create_index(
        "appointment_change_appointment_id_id_idx",
        "appointment_change",
        ["clinic_id", "appointment_id", "id"],
        unique=False,
        schema="calendar",
    )
    op.execute(
        "create trigger append_only before update or delete on calendar.appointment_change "
        "for each row execute function core.append_only()"
    )


def downgrade() -> None:
    op.drop_index("appointment_change_appointment_id_id_idx", table_name="appointment_change", schema="calendar")
    op.drop_table("appointment_change", schema="calendar")
    op.drop_index("shift_staff_id_starts_at_idx", table_name="shift", schema="calendar")
    op.drop_index("shift_chair_id_starts_at_idx", table_name="shift", schema="calendar")
    op.drop_index("shift_branch_id_business_date_idx", table_name="shift", schema="calendar")
    op.drop_table("shift", schema="calendar")
    op.drop_index("appointment_patient_id_starts_at_idx", table_name="appointment", schema="calendar")
    op.drop_index(
        "appointment_doctor_id_starts_at_idx",
        table_name="appointment",
        schema="calendar",
        postgresql_where=sa.text("occupies"),
    )
    op.drop_index(
        "appointment_chair_id_starts_at_idx",
        table_name="appointment",
        schema="calendar",
        postgresql_where=sa.text("occupies"),
    )
    op.drop_index("appointment_branch_id_business_date_starts_at_idx", table_name="appointment", schema="calendar")
    op.drop_table("appointment", schema="calendar")
    op.drop_table("visit_type", schema="calendar")
    op.drop_table("appointment_status", schema="calendar")
