"""followed price list"""

from __future__ import annotations

from alembic import op

revision = "catalog_0002"
down_revision = "catalog_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "service_changed_xid_id_idx", "service", ["clinic_id", "changed_xid", "id"], unique=False, schema="catalog"
    )
    op.create_index(
        "service_category_changed_xid_id_idx",
        "service_category",
        ["clinic_id", "changed_xid", "id"],
        unique=False,
        schema="catalog",
    )


def downgrade() -> None:
    op.drop_index("service_category_changed_xid_id_idx", table_name="service_category", schema="catalog")
    op.drop_index("service_changed_xid_id_idx", table_name="service", schema="catalog")
