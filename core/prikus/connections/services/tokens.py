"""Tokens that services give for login and password."""

from __future__ import annotations

import time
from hashlib import sha256


class Tokens:
    """What services gave, for `seconds` and in this process only: nothing of it is written anywhere.

    A token is kept for the words that it was given for, such as connection, login and password: whoever changes the
    password begins anew.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[bytes, tuple[str, float]] = {}

    def get(self, *words: str) -> str | None:
        """The token, None when there is none or its time is over."""
        token, until = self._kept.get(_place(words), (None, 0.0))
        return token if time.monotonic() < until else None

    def keep(self, token: str, *words: str) -> None:
        self._kept[_place(words)] = (token, time.monotonic() + self._seconds)

    def forget(self, token: str, *words: str) -> None:
        """Only the one that was refused: somebody else may have asked for the next one meanwhile."""
        if self.get(*words) == token:
            del self._kept[_place(words)]


def _place(words: tuple[str, ...]) -> bytes:
    return sha256("\0".join(words).encode()).digest()
