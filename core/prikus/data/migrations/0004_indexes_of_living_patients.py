"""indexes of living patients"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None

SEARCHED = {"search_name": "gin_trgm_ops", "phone_digits": "gin_trgm_ops"}
ALIVE = sa.text("deleted_at is null")


def upgrade() -> None:
    op.drop_index("patient_phone_digits_idx", "patient", schema="core")
    op.drop_index("patient_search_trgm_idx", "patient", schema="core")
    _index("patient_phone_digits_idx", ["phone_digits"], postgresql_where=ALIVE)
    _index("patient_alive_card_idx", ["card_number"], postgresql_where=ALIVE)
    _index("patient_deleted_at_id_idx", ["deleted_at", "id"], postgresql_where=sa.text("deleted_at is not null"))
    _index(
        "patient_search_trgm_idx",
        [*SEARCHED],
        postgresql_using="gin",
        postgresql_ops=SEARCHED,
        postgresql_where=ALIVE,
    )


def downgrade() -> None:
    for name in ("patient_search_trgm_idx", "patient_deleted_at_id_idx", "patient_alive_card_idx"):
        op.drop_index(name, "patient", schema="core")
    op.drop_index("patient_phone_digits_idx", "patient", schema="core")
    _index("patient_phone_digits_idx", ["phone_digits"])
    _index("patient_search_trgm_idx", [*SEARCHED], postgresql_using="gin", postgresql_ops=SEARCHED)


def _index(name: str, columns: list[str], **options: object) -> None:
    op.create_index(name, "patient", ["clinic_id", *columns], schema="core", **options)
