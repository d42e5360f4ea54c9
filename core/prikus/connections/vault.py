"""Sealing secrets: a data key for each clinic, wrapped by the installation's master key (reliability 46, 47)."""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.config import Config
from prikus.connections.models import ClinicKey
from prikus.errors import Misconfigured

NONCE = 12
LOST = (
    "Сохранённые ключи интеграций не открываются: главный ключ установки другой. Верните прежний "
    "master.key из папки данных или укажите его в PRIKUS_MASTER_KEY."
)


def seal(key: bytes, value: bytes, place: str) -> bytes:
    """AES-256-GCM; `place` (clinic, connection, field) is bound to it: moved elsewhere it does not open."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Raises `Misconfigured` for another key, another place, or a changed byte."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except InvalidTag:
        raise Misconfigured(LOST) from None


def fingerprint(master: bytes) -> str:
    """Which master key it is, without telling the key."""
    return hashlib.sha256(b"prikus master " + master).hexdigest()[:16]


class Vault:
    """The installation's master keys: the first one wraps, all of them open, so that a key can be replaced."""

    def __init__(self, config: Config) -> None:
        self._masters = {fingerprint(key): key for key in config.master_keys()}
        self._first = next(iter(self._masters))

    async def clinic_key(self, db: AsyncSession, clinic_id: int) -> bytes:
        """The clinic's data key, made when first asked for. Raises `Misconfigured` when no master key opens it."""
        known = await self._known(db)
        if not known:
            fresh = insert(ClinicKey).values(
                master=self._first,
                wrapped=seal(self._masters[self._first], secrets.token_bytes(32), f"clinic {clinic_id}"),
            )
            await db.execute(fresh.on_conflict_do_nothing(index_elements=["clinic_id", "master"]))
            known = await self._known(db)
        for master, wrapped in known.items():
            if master in self._masters:
                return unseal(self._masters[master], wrapped, f"clinic {clinic_id}")
        raise Misconfigured(LOST)

    async def _known(self, db: AsyncSession) -> dict[str, bytes]:
        rows = await db.execute(select(ClinicKey.master, ClinicKey.wrapped).order_by(ClinicKey.id))
        return {row.master: row.wrapped for row in rows}
