"""What a clinic fills in."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Secret


class Settings(msgspec.Struct, frozen=True):
    """Without a `login` the `password` is an API key. `sender` is a registered name, empty for the account's own."""

    password: Secret
    login: str = ""
    sender: str = ""
