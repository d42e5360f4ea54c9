"""Writing migrations: the next one of a plugin, from the difference between its models and its schema."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import _add_table
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import Column, Connection

from prikus.data import migrate
from prikus.data.base import Base
from prikus.data.columns import tenant_columns
from prikus.data.history import History


def write_revision(connection: Connection, history: History, message: str) -> Path:
    """Write the next migration of a plugin from the difference between its models and its schema."""
    context = MigrationContext.configure(connection, opts=migrate.options(history))
    script = migrate.script_of(history)[1]
    changes = produce_migrations(context, Base.metadata)
    known = len(list(history.folder.glob("[0-9]*.py")))
    revision = f"{history.owner}_{known + 1:04d}"
    slug = "_".join(message.lower().split())
    path = history.folder / f"{known + 1:04d}_{slug}.py"
    assert changes.upgrade_ops is not None
    assert changes.downgrade_ops is not None
    migration = script.generate_revision(
        revision,
        message,
        head=script.get_current_head() or "base",
        splice=False,
        version_path=str(history.folder),
        upgrades=render_python_code(changes.upgrade_ops, render_item=migrate.render, migration_context=context),
        downgrades=render_python_code(changes.downgrade_ops, render_item=migrate.render, migration_context=context),
    )
    assert migration is not None
    Path(migration.path).rename(path)
    return path


@renderers.dispatch_for(ops.CreateTableOp, replace=True)
def _create_table(context: AutogenContext, op: ops.CreateTableOp) -> str:
    """The usual rendering, with the columns of tenant tables written as one word."""
    names = {column.name for column in tenant_columns()}
    usual = _add_table(context, op)
    if not names <= {part.name for part in op.columns if isinstance(part, Column)}:
        return usual
    first, *lines = usual.split("\n")
    own = [line for line in lines if not line.startswith(tuple(f"sa.Column('{name}'," for name in names))]
    return "\n".join((first, "*tenant_columns(),", *own))
