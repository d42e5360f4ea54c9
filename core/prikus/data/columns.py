"""The columns that every `TenantModel` has, for migrations. Frozen: what comes later comes by migrations of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, Text, text

from prikus.data.types import XID8

CLINIC = "current_setting('app.clinic_id')::bigint"
ACTOR_KIND = "coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system')"
ACTOR_ID = "nullif(current_setting('app.actor_id', true), '')::bigint"


def tenant_columns() -> tuple[Column[Any], ...]:
    """Key, version and authors of a tenant table: `op.create_table("thing", *tenant_columns(), …)`."""
    return (
        Column("clinic_id", BigInteger, server_default=text(CLINIC), nullable=False),
        Column("id", BigInteger, Identity(), nullable=False),
        Column("row_version", Integer, server_default="1", nullable=False),
        Column("changed_xid", XID8, server_default=text("pg_current_xact_id()"), nullable=False),
        *_moment_and_author("created"),
        *_moment_and_author("updated"),
    )


def _moment_and_author(what: str) -> tuple[Column[Any], ...]:
    return (
        Column(f"{what}_at", DateTime(timezone=True), server_default=text("now()"), nullable=False),
        Column(f"{what}_by_kind", Text, server_default=text(ACTOR_KIND), nullable=False),
        Column(f"{what}_by_id", BigInteger, server_default=text(ACTOR_ID)),
    )
