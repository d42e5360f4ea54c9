"""One migration history per plugin, in the plugin's own schema. No `env.py`: this is the environment of all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, ForeignKeyConstraint, text
from sqlalchemy.types import TypeDecorator

from prikus.data.base import Base
from prikus.data.history import History
from prikus.data.types import XID8

TEMPLATES = Path(__file__).parent / "alembic"
LOCK = "select pg_advisory_xact_lock(hashtext('prikus.migrations'))"


class LoudPolicyImpl(PostgresqlImpl):
    """Adds foreign keys while the policies of both tables rest, else the validation raises, or sees one clinic only."""

    __dialect__ = "postgresql"

    def add_constraint(self, const: Any, **kw: Any) -> None:
        if not isinstance(const, ForeignKeyConstraint) or not any(c.name == "clinic_id" for c in const.columns):
            super().add_constraint(const, **kw)
            return
        tables = {const.parent, const.referred_table}
        for table in tables:
            self._exec(text(f"ALTER TABLE {table.fullname} NO FORCE ROW LEVEL SECURITY"))
        super().add_constraint(const, **kw)
        for table in tables:
            self._exec(text(f"ALTER TABLE {table.fullname} FORCE ROW LEVEL SECURITY"))


def options(history: History) -> dict[str, Any]:
    def ours(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name == history.owner
        return not (kind == "table" and name == "alembic_version")

    return {
        "target_metadata": Base.metadata,
        "version_table_schema": history.owner,
        "include_schemas": True,
        "include_name": ours,
        "include_object": lambda obj, name, kind, reflected, other: kind != "table" or obj.schema == history.owner,
        "compare_type": True,
        "compare_server_default": False,
        "render_item": render,
    }


def render(kind: str, item: Any, context: Any) -> Any:
    if kind == "type" and isinstance(item, XID8):
        return "XID8()"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def script_of(history: History) -> tuple[AlembicConfig, ScriptDirectory]:
    config = AlembicConfig()
    config.set_main_option("script_location", str(TEMPLATES))
    config.set_main_option("version_locations", str(history.folder))
    config.set_main_option("path_separator", "newline")
    return config, ScriptDirectory.from_config(config)


def upgrade(connection: Connection, history: History, revision: str = "head") -> None:
    """Bring one schema to `revision` in one transaction, under one lock for all migrators."""
    config, script = script_of(history)
    _run(connection, config, script, history, lambda rev, _: script._upgrade_revs(revision, rev))


def downgrade(connection: Connection, history: History, revision: str = "base") -> None:
    config, script = script_of(history)
    _run(connection, config, script, history, lambda rev, _: script._downgrade_revs(revision, rev))


def _run(
    connection: Connection, config: AlembicConfig, script: ScriptDirectory, history: History, steps: Callable[..., Any]
) -> None:
    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, **options(history))
        with environment.begin_transaction():
            connection.execute(text("set local lock_timeout = '2s'"))
            connection.execute(text(LOCK))
            environment.run_migrations()


def current(connection: Connection, history: History) -> str | None:
    options = {"version_table_schema": history.owner}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def head(history: History) -> str | None:
    return script_of(history)[1].get_current_head()


def differences(connection: Connection, history: History) -> list[Any]:
    """What autogenerate would change: must be empty after an upgrade."""
    context = MigrationContext.configure(connection, opts=options(history))
    return compare_metadata(context, Base.metadata)
