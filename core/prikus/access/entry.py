"""Signing in and out, one-use links. Works before there is a clinic, through definer functions only."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from prikus.access.passwords import complaint, hash_password, is_right
from prikus.access.visits import key_hash, new_key
from prikus.errors import Invalid, NotFound, Problem
from prikus.events.runtime import Runtime

WRONG_PASSWORD = "Пароль не подходит. Проверьте раскладку и повторите."
WRONG = "Почта или пароль не подходят. Проверьте раскладку и повторите."
DEAD_LINK = "Ссылка уже использована или ей больше 72 часов. Попросите пригласившего выдать новую."


class TooMany(Problem):
    """The account's growing delay is not over."""

    status = 429


class Membership(msgspec.Struct, frozen=True):
    clinic_id: int
    clinic_name: str
    staff_id: int


class SignedIn(msgspec.Struct, frozen=True):
    """A new session's key for the cookie; with several memberships the clinic is still to be chosen."""

    key: str
    memberships: list[Membership]


def clean_email(email: str) -> str:
    return email.strip().lower()


async def sign_in(runtime: Runtime, email: str, password: str, address: str | None, browser: str | None) -> SignedIn:
    """Check the password and open a session. Same answer and time for unknown account and wrong password."""
    async with runtime.door.connect() as db:
        query = text("select * from core.account_for_sign_in(:email)")
        account: Any = (await db.execute(query, {"email": clean_email(email)})).one_or_none()
        if not await _is_theirs(db, account, password):
            raise Invalid({"password": WRONG}, WRONG)
        memberships = await read_memberships(db, account.account_id)
        if not memberships:
            raise Invalid({"email": "Этот человек сейчас не работает ни в одной клинике."})
        only = memberships[0] if len(memberships) == 1 else None
        key = await open_session(db, account.account_id, only, address, browser)
    return SignedIn(key, memberships)


async def prove(runtime: Runtime, key: str, password: str) -> None:
    """Note that whoever sits there knows the password. Raises `Invalid`, `TooMany`; `NotFound` after the session."""
    async with runtime.door.connect() as db:
        query = text("select * from core.account_to_prove(:key)")
        account = (await db.execute(query, {"key": key_hash(key)})).one_or_none()
        if account is None:
            raise NotFound()
        if not await _is_theirs(db, account, password):
            raise Invalid({"password": WRONG_PASSWORD}, WRONG_PASSWORD)
        await db.execute(text("select core.note_proof(:key)"), {"key": key_hash(key)})


async def _is_theirs(db: AsyncConnection, account: Any, password: str) -> bool:
    """Whether it is the account's password; a wrong one makes the next wait longer. Raises `TooMany`."""
    if account is not None and account.wait_seconds:
        raise TooMany(f"Слишком много попыток. Подождите {account.wait_seconds} с и повторите.")
    right = await is_right(account.password_hash if account else None, password)
    if account is not None:
        noted = {"account": account.account_id, "ok": right}
        await db.execute(text("select core.note_sign_in(:account, :ok)"), noted)
    return account is not None and right


async def read_memberships(db: AsyncConnection, account_id: int) -> list[Membership]:
    rows = await db.execute(text("select * from core.memberships(:account)"), {"account": account_id})
    return [Membership(row.clinic_id, row.clinic_name, row.staff_id) for row in rows]


async def open_session(
    db: AsyncConnection, account_id: int, membership: Membership | None, address: str | None, browser: str | None
) -> str:
    key = new_key()
    await db.execute(
        text("select core.open_session(:key, :account, :clinic, :staff, 1, :address, :browser)"),
        {
            "key": key_hash(key),
            "account": account_id,
            "clinic": membership.clinic_id if membership else None,
            "staff": membership.staff_id if membership else None,
            "address": address,
            "browser": (browser or "")[:200],
        },
    )
    return key


async def choose_clinic(
    runtime: Runtime, account_id: int, clinic_id: int, old_key: str, address: str | None, browser: str | None
) -> str:
    """Open a session in one of the account's clinics under a new key; the old one ends."""
    async with runtime.door.connect() as db:
        memberships = await read_memberships(db, account_id)
        chosen = next((m for m in memberships if m.clinic_id == clinic_id), None)
        if chosen is None:
            raise NotFound()
        key = await open_session(db, account_id, chosen, address, browser)
        await db.execute(text("select core.close_session(:key)"), {"key": key_hash(old_key)})
    return key


async def memberships_of(runtime: Runtime, account_id: int) -> list[Membership]:
    async with runtime.door.connect() as db:
        return await read_memberships(db, account_id)


async def sign_out(runtime: Runtime, key: str) -> None:
    async with runtime.door.connect() as db:
        await db.execute(text("select core.close_session(:key)"), {"key": key_hash(key)})


async def link_email(runtime: Runtime, key: str) -> str:
    """Whose link it is. Raises `NotFound` for a used, old or unknown one."""
    async with runtime.door.connect() as db:
        row = (await db.execute(text("select * from core.link_account(:key)"), {"key": key_hash(key)})).one_or_none()
    if row is None:
        raise NotFound(DEAD_LINK)
    return row.email


async def use_link(runtime: Runtime, key: str, password: str) -> None:
    """Set the first password by a one-use link."""
    email = await link_email(runtime, key)
    if sentence := complaint(password, email):
        raise Invalid({"password": sentence})
    hashed = await hash_password(password)
    async with runtime.door.connect() as db:
        used = await db.scalar(text("select core.use_link(:key, :hash)"), {"key": key_hash(key), "hash": hashed})
    if used is None:
        raise NotFound(DEAD_LINK)
