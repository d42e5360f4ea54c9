"""findings that are gone are told"""

from __future__ import annotations

from alembic import op

from prikus.toolkit import followed_sql

revision = "imaging_0002"
down_revision = "imaging_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(followed_sql("imaging.finding"))


def downgrade() -> None:
    op.execute("drop trigger followed on imaging.finding")
