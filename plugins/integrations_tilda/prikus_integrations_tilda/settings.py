from __future__ import annotations

import msgspec

from prikus.toolkit import Secret


class Settings(msgspec.Struct, frozen=True):
    """The key that the clinic may name in Tilda; without one the secret address is all there is."""

    key_name: str = ""
    key: Secret = Secret("")
