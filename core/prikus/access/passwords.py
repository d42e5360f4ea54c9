"""Argon2id with the library's own parameters; rules of reliability 36."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST, LONGEST = 12, 128
COMMON = frozenset(
    {
        *("password1234", "123456789012", "qwertyuiop12", "qwerty123456", "password123456", "1234567890ab"),
        *("qwertyuiopas", "йцукенгшщзхъ", "пароль123456", "стоматология", "prikusprikus", "администратор"),
    }
)
_hasher = PasswordHasher()
# What accounts that do not exist are compared with. Made anew at every start it would cost a tenth of a second.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$CYkKFtMB2hlNXWRlmaAKSg$W70NpVlSX5mFRNIqgQfFCeyYJyOIUGevNXG56EHFTGI"


def complaint(password: str, email: str) -> str | None:
    """Why a new password is refused, in a sentence; None when it is fine."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Пароль должен быть от {SHORTEST} до {LONGEST} знаков. Удобна фраза из нескольких слов."
    lowered = password.lower()
    if lowered in COMMON or len(set(lowered)) < 4:
        return "Такой пароль легко подобрать. Возьмите фразу из нескольких слов."
    if email.split("@")[0].lower() in lowered:
        return "Пароль не должен содержать адрес почты."
    return None


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_hasher.hash, password)


async def is_right(stored: str | None, password: str) -> bool:
    """Takes the same time whether the account exists or not."""

    def verify() -> bool:
        try:
            return _hasher.verify(stored or NOBODY, password) and stored is not None
        except (Argon2Error, InvalidHashError):
            return False

    return await asyncio.to_thread(verify)
