"""Accounts and sessions are global; memberships, groups and rights belong to a clinic."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import ALIVE, GlobalModel, SoftDeleted, TenantModel, index, ref, unique
from prikus.data.types import Instant, one_of


class Account(GlobalModel):
    """A person who signs in, perhaps to several clinics. Only its owner changes the password."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    wait_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    created_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))


class Session(GlobalModel):
    """A signed-in browser: account, clinic and level of authentication. The cookie holds the key, this its hash."""

    __table_args__ = (Index("session_account_id_idx", "account_id"), Index("session_expires_at_idx", "expires_at"))
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("core.account.id", ondelete="CASCADE"))
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("core.clinic.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    auth_level: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))
    proved_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))
    """When the password was last typed in this session."""
    seen_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    address: Mapped[str | None] = mapped_column(Text)
    browser: Mapped[str | None] = mapped_column(Text)


class OneUseLink(GlobalModel):
    """An invitation to set a password: shown once to the inviter, used once, dead after 72 hours."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("core.account.id", ondelete="CASCADE"))
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    used_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class StaffMember(TenantModel, SoftDeleted):
    """A membership of an account in a clinic (STAFF-01, STAFF-03). Accounts are global: no foreign key to them."""

    __table_args__ = (
        one_of("kind", "staff", "doctor"),
        unique("account_id", where=ALIVE),
        index("sort_name", where=ALIVE),
        index("changed_xid", "id"),
    )
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    last_name: Mapped[str] = mapped_column(Text)
    first_name: Mapped[str] = mapped_column(Text)
    patronymic: Mapped[str | None] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    birth_date: Mapped[dt.date | None] = mapped_column(Date)
    gender: Mapped[str | None] = mapped_column(Text)
    employed_on: Mapped[dt.date | None] = mapped_column(Date)


class Profession(TenantModel, SoftDeleted):
    """A doctor's speciality or a staff position."""

    __table_args__ = (one_of("kind", "staff", "doctor"), unique("kind", "name", where=ALIVE))
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer, server_default="0")


class StaffProfession(TenantModel):
    """A profession that a member of the staff has."""

    __table_args__ = (unique("staff_id", "profession_id"),)
    staff_id: Mapped[int] = ref("core.staff_member", on_delete="CASCADE")
    profession_id: Mapped[int] = ref("core.profession")


class StaffBranch(TenantModel):
    """Where a person works; no rows mean every branch."""

    __table_args__ = (unique("staff_id", "branch_id"),)
    staff_id: Mapped[int] = ref("core.staff_member", on_delete="CASCADE")
    branch_id: Mapped[int] = ref("core.branch", on_delete="CASCADE")


class PermissionGroup(TenantModel, SoftDeleted):
    """A named set of rights. The six shipped groups have a code (PERM-01)."""

    __table_args__ = (unique("code"), unique("title", where=ALIVE))
    code: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer, server_default="0")


class GroupPermission(TenantModel):
    __table_args__ = (unique("group_id", "permission"),)
    group_id: Mapped[int] = ref("core.permission_group", on_delete="CASCADE")
    permission: Mapped[str] = mapped_column(Text)


class StaffGroup(TenantModel):
    __table_args__ = (unique("staff_id", "group_id"),)
    staff_id: Mapped[int] = ref("core.staff_member", on_delete="CASCADE")
    group_id: Mapped[int] = ref("core.permission_group", on_delete="CASCADE")


class StaffPermission(TenantModel):
    """An individual allow or deny; no row means "inherit" (PERM-03). A deny beats every allow."""

    __table_args__ = (unique("staff_id", "permission"),)
    staff_id: Mapped[int] = ref("core.staff_member", on_delete="CASCADE")
    permission: Mapped[str] = mapped_column(Text)
    is_allowed: Mapped[bool] = mapped_column(Boolean)


class SeededPermission(TenantModel):
    """A right that has reached this clinic's groups once; an edit after that is the clinic's own."""

    __table_args__ = (unique("permission"),)
    permission: Mapped[str] = mapped_column(Text)


class ApiKey(TenantModel):
    """What a program signs in with (API-01): never more than `staff_id`, whose rights it borrows, may do now.

    `scopes` are codes of rights; `per_minute` is how many requests it may make. Until `previous_until` the secret
    that was replaced counts too.
    """

    __table_args__ = (index("staff_id"),)
    name: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[int] = ref("core.staff_member")
    scopes: Mapped[list[str]] = mapped_column(JSONB)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    per_minute: Mapped[int] = mapped_column(Integer, server_default="300")
    expires_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    used_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class AuditRecord(TenantModel):
    """Who did what to which object. Append-only for the application (reliability 49)."""

    __table_args__ = (index("object_kind", "object_id"), index("created_at"))
    action: Mapped[str] = mapped_column(Text)
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int | None] = mapped_column(BigInteger)
    sentence: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    address: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
