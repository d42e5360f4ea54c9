"""Triggers and functions that belong to a model: declared on it, written by its migration, compared by `db check`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import DDL, event

M = TypeVar("M", bound=type[Any])


def with_sql(*statements: str) -> Callable[[M], M]:
    """What else makes this model's table what it is, such as a trigger and its function.

    The migration executes the same statements; `prikus db check` compares what both lead to.
    """

    def mark(model: M) -> M:
        for statement in statements:
            event.listen(model.__table__, "after_create", DDL(statement.replace("%", "%%")))
        return model

    return mark


def append_only(*changeable: str) -> Callable[[M], M]:
    """Rows of this model are never changed nor deleted by the application.

    The `changeable` columns may be changed by merging and erasing a patient, and by nobody else: the reference to the
    patient, texts that say something about the person. A migration writes `append_only_sql` of the same columns.
    """

    def mark(model: M) -> M:
        return with_sql(*append_only_sql(model.__table__.fullname, *changeable))(model)

    return mark


def append_only_sql(table: str, *changeable: str) -> tuple[str, str]:
    """Two triggers, for a migration: `for each in append_only_sql("billing.payment"): op.execute(each)`."""
    given = ", ".join(f"'{column}'" for column in changeable)
    return (
        f"create trigger append_only_row before update or delete on {table} "
        f"for each row execute function core.append_only({given})",
        f"create trigger append_only_statement before truncate on {table} "
        f"for each statement execute function core.append_only()",
    )


def followed() -> Callable[[M], M]:
    """Rows of this model that are deleted for good are told to programs that follow its list (API-01).

    A migration executes `followed_sql` of the table.
    """

    def mark(model: M) -> M:
        model.tells_gone = True
        return with_sql(followed_sql(model.__table__.fullname))(model)

    return mark


def followed_sql(table: str) -> str:
    """The trigger, for a migration: `op.execute(followed_sql("calendar.shift"))`."""
    return f"create trigger followed after delete on {table} for each row execute function core.note_gone()"
