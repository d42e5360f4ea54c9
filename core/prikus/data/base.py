"""Base classes of tables. A table of a clinic cannot be declared without its clinic, versions and policies."""

from __future__ import annotations

import datetime as dt
import inspect
import re
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Column,
    FetchedValue,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from prikus.data import columns
from prikus.data.types import XID8, Instant

CLINIC = text(columns.CLINIC)
ACTOR_KIND = text(columns.ACTOR_KIND)
ACTOR_ID = text(columns.ACTOR_ID)

NAMES = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


def owner_of(module: str) -> str:
    """The schema of a module's tables: `prikus_calendar.models` → `calendar`, `prikus.patients.models` → `core`."""
    package = module.split(".", 1)[0]
    return package.removeprefix("prikus_") if package.startswith("prikus_") else "core"


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Base(DeclarativeBase):
    """One catalogue of tables for the core and all installed plugins; each plugin's schema is its id."""

    metadata = MetaData(naming_convention=NAMES)


class GlobalModel(Base):
    """A table without a clinic. A closed list of the core: accounts, sessions, clinics, plans, heads of work."""

    __abstract__ = True

    def __init_subclass__(cls, **kw: Any) -> None:
        if "__tablename__" not in cls.__dict__ and not cls.__dict__.get("__abstract__"):
            cls.__tablename__ = snake(cls.__name__)
            declared = cls.__dict__.get("__table_args__", ())
            cls.__table_args__ = (*declared, {"schema": "core", "info": {"global": True}})
        super().__init_subclass__(**kw)


def ref(target: str, *, optional: bool = False, on_delete: str = "RESTRICT") -> MappedColumn[Any]:
    """A reference inside the clinic: `ref("core.patient")` makes a composite foreign key (clinic_id, <column>).

    An optional reference becomes empty when its target goes; the clinic stays (`ON DELETE SET NULL (column)`).
    """
    return mapped_column(BigInteger, nullable=optional, info={"ref": target, "on_delete": on_delete})


SOFT_REF = "soft_ref "
PERSONAL = "personal"
"""`mapped_column(Text, comment=PERSONAL)`: text about the person, emptied when the patient's data are erased.

The comment stays in the database with the table, so a removed package's data are erased too.
"""


def soft_ref(target: str, *, optional: bool = True) -> MappedColumn[Any]:
    """A reference to a plugin that may be absent: no foreign key.

    Catalogued in the database, as the column's comment, for merge and erase. Before one is stored the service asks
    `ctx.known(Model.column, ids)`.
    """
    return mapped_column(BigInteger, nullable=optional, info={"soft_ref": target}, comment=f"{SOFT_REF}{target}")


def unique(*columns: str, where: str | None = None) -> Any:
    """Unique inside the clinic. `where` makes it partial, for rows that are not deleted."""
    if where is None:
        return UniqueConstraint("clinic_id", *columns)
    name = "_".join(columns)
    return _Named(
        lambda table: Index(f"{table}_{name}_key", "clinic_id", *columns, unique=True, postgresql_where=text(where))
    )


def index(*columns: str, where: str | None = None) -> Any:
    """B-tree that begins with the clinic, since every query of a clinic does."""
    name = "_".join(columns)
    options: dict[str, Any] = {"postgresql_where": text(where)} if where else {}
    return _Named(lambda table: Index(f"{table}_{name}_idx", "clinic_id", *columns, **options))


class _Named:
    """An index whose name waits for its table's."""

    def __init__(self, make: Any) -> None:
        self.make = make


def _foreign_key(column: Column[Any], target: str) -> ForeignKeyConstraint:
    on_delete = f"SET NULL ({column.name})" if column.nullable else column.info["on_delete"]
    return ForeignKeyConstraint(["clinic_id", column.name], [f"{target}.clinic_id", f"{target}.id"], ondelete=on_delete)


class TenantModel(Base):
    """A row of one clinic: composite key, forced policy, version and author, all without the author's help.

    `row_version` grows with every update, Core ones too (a trigger sets it); an entity saved over a newer
    row raises StaleDataError. Instants are UTC.
    """

    __abstract__ = True
    row_version: ClassVar[Any]
    tells_gone: ClassVar[bool] = False

    clinic_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, server_default=CLINIC, sort_order=-10)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, autoincrement=True, sort_order=-9)
    changed_xid: Mapped[int] = mapped_column(
        XID8, server_default=text("pg_current_xact_id()"), server_onupdate=FetchedValue(), deferred=True, sort_order=91
    )
    created_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"), sort_order=92)
    created_by_kind: Mapped[str] = mapped_column(Text, server_default=ACTOR_KIND, sort_order=93)
    created_by_id: Mapped[int | None] = mapped_column(BigInteger, server_default=ACTOR_ID, sort_order=94)
    updated_at: Mapped[dt.datetime] = mapped_column(
        Instant, server_default=text("now()"), server_onupdate=FetchedValue(), sort_order=95
    )
    updated_by_kind: Mapped[str] = mapped_column(
        Text, server_default=ACTOR_KIND, server_onupdate=FetchedValue(), sort_order=96
    )
    updated_by_id: Mapped[int | None] = mapped_column(
        BigInteger, server_default=ACTOR_ID, server_onupdate=FetchedValue(), sort_order=97
    )

    def __init_subclass__(cls, **kw: Any) -> None:
        if cls.__dict__.get("__abstract__"):
            super().__init_subclass__(**kw)
            return
        cls.__tablename__ = snake(cls.__name__)
        version = mapped_column(Integer, server_default="1", server_onupdate=FetchedValue(), sort_order=90)
        cls.row_version = version
        cls.__annotations__ = {**inspect.get_annotations(cls), "row_version": Mapped[int]}
        cls.__mapper_args__ = {
            "version_id_col": version,
            "version_id_generator": False,
            "eager_defaults": True,
            **cls.__dict__.get("__mapper_args__", {}),
        }
        declared = [
            part.make(cls.__tablename__) if isinstance(part, _Named) else part
            for part in cls.__dict__.get("__table_args__", ())
        ]
        keys = []
        for name, value in list(cls.__dict__.items()):
            if isinstance(value, MappedColumn) and "ref" in value.column.info:
                value.column.name = value.column.name or name
                keys.append(_foreign_key(value.column, value.column.info["ref"]))
        key = PrimaryKeyConstraint("clinic_id", "id")
        cls.__table_args__ = (key, *declared, *keys, {"schema": owner_of(cls.__module__)})
        super().__init_subclass__(**kw)


class SoftDeleted:
    """Deleted rows stay for history and the trash (GEN-04)."""

    deleted_at: Mapped[dt.datetime | None] = mapped_column(Instant, sort_order=98)
    deleted_by_kind: Mapped[str | None] = mapped_column(Text, sort_order=99)
    deleted_by_id: Mapped[int | None] = mapped_column(BigInteger, sort_order=100)


class Noted:
    """A row on which programs note words of their own, `metadata` (API-01); erasing empties them.

    They are no new `row_version`: nobody's form is stale by them.
    """

    metadata_: Mapped[dict[str, str]] = mapped_column(
        "metadata", JSONB, server_default=text("'{}'"), comment=PERSONAL, sort_order=80
    )


ALIVE = "deleted_at is null"


def visible(model: type[TenantModel], *columns: Any) -> Select[Any]:
    """A select that leaves deleted rows out: of columns for reading, of the entity for changing."""
    query: Any = select(*columns).select_from(model) if columns else select(model)
    return query.where(model.deleted_at.is_(None)) if issubclass(model, SoftDeleted) else query
