"""turns of clinics"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0010"
down_revision = "core_0009"
branch_labels = None
depends_on = None

WAITS = sa.text("state in ('due', 'running')")
RUNS = sa.text("state = 'running'")


def upgrade() -> None:
    op.create_index("work_turn_idx", "work", ["clinic_id", "due", "id"], schema="core", postgresql_where=WAITS)
    op.create_index("work_lease_idx", "work", ["lease_until"], schema="core", postgresql_where=RUNS)
    op.drop_index("work_due_idx", "work", schema="core")


def downgrade() -> None:
    op.create_index("work_due_idx", "work", ["due"], schema="core", postgresql_where=WAITS)
    op.drop_index("work_lease_idx", "work", schema="core")
    op.drop_index("work_turn_idx", "work", schema="core")
