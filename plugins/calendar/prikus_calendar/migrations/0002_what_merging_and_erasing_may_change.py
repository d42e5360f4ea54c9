"""what merging and erasing may change"""

from __future__ import annotations

from alembic import op

from prikus.toolkit import append_only_sql

revision = "calendar_0002"
down_revision = "calendar_0001"
branch_labels = None
depends_on = None

PERSONAL = ("appointment.comment", "appointment.cancel_reason", "appointment_change.before", "appointment_change.after")


def upgrade() -> None:
    for column in PERSONAL:
        op.execute(f"comment on column calendar.{column} is 'personal'")
    op.execute("drop trigger append_only on calendar.appointment_change")
    for each in append_only_sql("calendar.appointment_change", "before", "after"):
        op.execute(each)


def downgrade() -> None:
    op.execute("drop trigger append_only_statement on calendar.appointment_change")
    op.execute("drop trigger append_only_row on calendar.appointment_change")
    op.execute(
        "create trigger append_only before update or delete on calendar.appointment_change "
        "for each row execute function core.append_only()"
    )
    for column in PERSONAL:
        op.execute(f"comment on column calendar.{column} is null")
