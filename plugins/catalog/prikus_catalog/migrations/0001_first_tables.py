"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from prikus.toolkit import tenant_columns

revision = "catalog_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_category",
        *tenant_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by_kind", sa.Text(), nullable=True),
        sa.Column("deleted_by_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("service_category_pkey")),
        schema="catalog",
    )
    op.create_index(
        "service_category_name_key",
        "service_category",
        ["clinic_id", "name"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_table(
        "service",
        *tenant_columns(),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("per_tooth", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tax_code", sa.Integer(), server_default="1", nullable=False),
        sa.Column("vat_rate", sa.Text(), server_default="none", nullable=False),
        sa.Column("xray_type", sa.Text(), nullable=True),
        sa.Column("dose_usv", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by_kind", sa.Text(), nullable=True),
        sa.Column("deleted_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "vat_rate in ('none', '0', '5', '7', '10', '20', '22')", name=op.f("service_vat_rate_known_check")
        ),
        sa.CheckConstraint(
            "xray_type in ('periapical', 'bitewing', 'panoramic', 'cephalometric', 'cbct')",
            name=op.f("service_xray_type_known_check"),
        ),
        sa.CheckConstraint("duration between 0 and 1440", name=op.f("service_duration_of_a_day_check")),
        sa.CheckConstraint("price >= 0", name=op.f("service_price_not_negative_check")),
        sa.CheckConstraint("tax_code in (1, 2)", name=op.f("service_tax_code_known_check")),
        sa.CheckConstraint("xray_type is not null or dose_usv is null", name=op.f("service_dose_of_xray_check")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "category_id"],
            ["catalog.service_category.clinic_id", "catalog.service_category.id"],
            name=op.f("service_clinic_id_category_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("service_pkey")),
        schema="catalog",
    )
    op.create_index(
        "service_category_id_name_idx",
        "service",
        ["clinic_id", "category_id", "name"],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index(
        "service_code_key",
        "service",
        ["clinic_id", "code"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_table(
        "service_price",
        *tenant_columns(),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "service_id"],
            ["catalog.service.clinic_id", "catalog.service.id"],
            name=op.f("service_price_clinic_id_service_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("service_price_pkey")),
        schema="catalog",
    )
    op.create_index(
        "service_price_service_id_valid_from_idx",
        "service_price",
        ["clinic_id", "service_id", "valid_from"],
        unique=False,
        schema="catalog",
    )
    for kind, each in (("update or delete", "row"), ("truncate", "statement")):
        op.execute(
            f"create trigger append_only_{each} before {kind} on catalog.service_price "
            f"for each {each} execute function core.append_only()"
        )


def downgrade() -> None:
    op.drop_index("service_price_service_id_valid_from_idx", table_name="service_price", schema="catalog")
    op.drop_table("service_price", schema="catalog")
    op.drop_index(
        "service_code_key", table_name="service", schema="catalog", postgresql_where=sa.text("deleted_at is null")
    )
    op.drop_index(
        "service_category_id_name_idx",
        table_name="service",
        schema="catalog",
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.drop_table("service", schema="catalog")
    op.drop_index(
        "service_category_name_key",
        table_name="service_category",
        schema="catalog",
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.drop_table("service_category", schema="catalog")
