"""Accounts that do not exist cost what others cost."""

from argon2 import PasswordHasher

from prikus.access.passwords import NOBODY


def test_nobody_is_hashed_as_everybody_is() -> None:
    assert not PasswordHasher().check_needs_rehash(NOBODY)
