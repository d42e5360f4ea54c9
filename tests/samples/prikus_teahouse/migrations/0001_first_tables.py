"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import XID8

revision = "teahouse_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "origin",
        sa.Column(
            "clinic_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.clinic_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_xid", XID8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "created_by_kind",
            sa.Text(),
            server_default=sa.text("coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system')"),
            nullable=False,
        ),
        sa.Column(
            "created_by_id",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('app.actor_id', true), '')::bigint"),
            nullable=True,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "updated_by_kind",
            sa.Text(),
            server_default=sa.text("coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system')"),
            nullable=False,
        ),
        sa.Column(
            "updated_by_id",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('app.actor_id', true), '')::bigint"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("origin_pkey")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("origin_clinic_id_name_key")),
        schema="teahouse",
    )
    op.create_table(
        "tea",
        sa.Column(
            "clinic_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.clinic_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=True),
        sa.Column("plan_line_id", sa.BigInteger(), comment="soft_ref clinical.plan_line", nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_xid", XID8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "created_by_kind",
            sa.Text(),
            server_default=sa.text("coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system')"),
            nullable=False,
        ),
        sa.Column(
            "created_by_id",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('app.actor_id', true), '')::bigint"),
            nullable=True,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "updated_by_kind",
            sa.Text(),
            server_default=sa.text("coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system')"),
            nullable=False,
        ),
        sa.Column(
            "updated_by_id",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('app.actor_id', true), '')::bigint"),
            nullable=True,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by_kind", sa.Text(), nullable=True),
        sa.Column("deleted_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "origin_id"],
            ["teahouse.origin.clinic_id", "teahouse.origin.id"],
            name=op.f("tea_clinic_id_origin_id_fkey"),
            ondelete="SET NULL (origin_id)",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("tea_pkey")),
        schema="teahouse",
    )
    op.create_index(
        "tea_name_key",
        "tea",
        ["clinic_id", "name"],
        unique=True,
        schema="teahouse",
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index("tea_origin_id_idx", "tea", ["clinic_id", "origin_id"], unique=False, schema="teahouse")
    op.create_table(
        "cup",
        sa.Column(
            "clinic_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.clinic_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), autoincrement=True, nullable=False),
        sa.Column("tea_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_xid", XID8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "created_by_kind",
            sa.Text(),
            server_default=sa.text("coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system')"),
            nullable=False,
        ),
        sa.Column(
            "created_by_id",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('app.actor_id', true), '')::bigint"),
            nullable=True,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "updated_by_kind",
            sa.Text(),
            server_default=sa.text("coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system')"),
            nullable=False,
        ),
        sa.Column(
            "updated_by_id",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('app.actor_id', true), '')::bigint"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "tea_id"],
            ["teahouse.tea.clinic_id", "teahouse.tea.id"],
            name=op.f("cup_clinic_id_tea_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("cup_pkey")),
        sa.UniqueConstraint(
            "clinic_id",
            "tea_id",
            "number",
            name=op.f("cup_clinic_id_tea_id_number_key"),
            deferrable=True,
            initially="DEFERRED",
        ),
        schema="teahouse",
    )


def downgrade() -> None:
    op.drop_table("cup", schema="teahouse")
    op.drop_index("tea_origin_id_idx", table_name="tea", schema="teahouse")
    op.drop_index("tea_name_key", table_name="tea", schema="teahouse", postgresql_where=sa.text("deleted_at is null"))
    op.drop_table("tea", schema="teahouse")
    op.drop_table("origin", schema="teahouse")
